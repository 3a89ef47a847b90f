package chartkeep.foreign;

import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.interceptor.auth.AuthorizationInterceptor;
import ca.uhn.fhir.rest.server.interceptor.auth.IAuthRule;
import ca.uhn.fhir.rest.server.interceptor.auth.PolicyEnum;
import ca.uhn.fhir.rest.server.interceptor.auth.RuleBuilder;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;
import java.util.List;
import org.hl7.fhir.r4.model.IdType;

/**
 * HAPI's own check of every resource that leaves: a person's token opens the compartment of one Patient,
 * and what is nobody's own.
 */
final class RecordRules extends AuthorizationInterceptor {
    /** Types outside the compartment that a record refers to. */
    private static final List<String> NOBODYS = List.of(
            "Organization", "Practitioner", "PractitionerRole", "Location", "Medication");

    RecordRules() {
        super(PolicyEnum.DENY);
    }

    @Override
    public List<IAuthRule> buildRuleList(RequestDetails details) {
        // What the server asks of itself has passed already.
        if (!(details instanceof ServletRequestDetails request)) {
            return new RuleBuilder().allowAll().build();
        }
        var caller = (Caller) request.getServletRequest().getAttribute(Caller.ATTRIBUTE);
        if (caller == null) {
            return new RuleBuilder().allow().metadata().build();
        }
        if (caller.isService()) {
            return new RuleBuilder().allowAll().build();
        }
        var patient = new IdType("Patient", caller.patient());
        var rules = new RuleBuilder()
                .allow()
                .read()
                .allResources()
                .inCompartment("Patient", patient)
                .andThen()
                .allow()
                .operation()
                .named("$everything")
                .onInstance(patient)
                .andRequireExplicitResponseAuthorization();
        for (var type : NOBODYS) {
            rules = rules.andThen().allow().read().resourcesOfType(type).withAnyId();
        }
        return rules.build();
    }
}
