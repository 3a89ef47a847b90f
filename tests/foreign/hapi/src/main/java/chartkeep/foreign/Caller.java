package chartkeep.foreign;

import java.util.Arrays;

/**
 * Whom a request comes from, as the authorization server tells of its token.
 *
 * @param scopes each apart by a space
 * @param patient the Patient whose record the token is for; null for a service
 */
record Caller(String scopes, String patient) {
    /** Name of the request's attribute that holds it. */
    static final String ATTRIBUTE = Caller.class.getName();

    /** A service that may do everything: it loads the records. */
    boolean isService() {
        return has("system/*.cruds");
    }

    /** May read and search the record of its patient. */
    boolean readsRecord() {
        return has("patient/*.rs") && patient != null;
    }

    private boolean has(String scope) {
        return Arrays.asList(scopes.split(" ")).contains(scope);
    }
}
