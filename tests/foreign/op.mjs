// The OAuth server: `oidc-provider` on a free port of loopback, inside the driver's process, with what
// SMART on FHIR adds to OpenID Connect: the `aud` of a request and the `patient` of a token. What was
// exchanged at its token endpoint is kept for the checks.

import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageFolder } from '../oracle/packages.mjs';

const packages = createRequire(join(packageFolder(), 'foreign', 'package.json'));
const { Provider, errors } = await import(pathToFileURL(packages.resolve('oidc-provider')));

const PERSONS_SCOPES = ['openid', 'offline_access', 'fhirUser', 'launch/patient', 'patient/*.rs'];
const SERVICE_SCOPE = 'system/*.cruds';
const HOUR = 3600;

const secret = () => randomBytes(24).toString('base64url');

/** A client that a person logs in with; any port of loopback may follow the address (RFC 8252, 7.3). */
const app = (id, more) => ({
  client_id: id,
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1/callback'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  scope: PERSONS_SCOPES.join(' '),
  ...more,
});

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' };
}

/** What `oidc-provider` is told; `world` may change while it runs. */
function configuration(world) {
  return {
    clients: [
      app(world.publicClient, { token_endpoint_auth_method: 'none' }),
      app(world.confidentialClient, {
        token_endpoint_auth_method: 'client_secret_basic',
        client_secret: world.confidentialSecret,
      }),
      {
        client_id: world.serviceClient,
        client_secret: world.serviceSecret,
        redirect_uris: [],
        response_types: [],
        grant_types: ['client_credentials'],
        scope: SERVICE_SCOPE,
      },
    ],
    scopes: [...PERSONS_SCOPES, SERVICE_SCOPE],
    claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
    // SMART has `fhirUser` in the id_token, not only at the userinfo endpoint.
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, fhirUser: `${world.base}/Patient/${world.patient}` }),
    }),
    extraParams: {
      aud(_, value) {
        if (value !== world.base) throw new errors.InvalidTarget('aud is not the FHIR server');
      },
    },
    extraTokenClaims: (_, token) => (token.kind === 'AccessToken' ? { patient: world.patient } : undefined),
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: () => world.accessLife,
      AuthorizationCode: 60,
      ClientCredentials: HOUR,
      Grant: HOUR,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: HOUR,
      Session: HOUR,
    },
    jwks: { keys: [signingKey()] },
    cookies: { keys: [secret()] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      introspection: { enabled: true, allowedPolicy: (_, client) => client.clientId === world.serviceClient },
      resourceIndicators: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_, client, token) => client.clientId === token.clientId },
    },
    renderError(ctx, { error }) {
      ctx.type = 'text';
      ctx.body = error;
    },
  };
}

/** Starts it. `patient` and `base` are of the FHIR server, which starts later and knows this one. */
export async function startAuthorizationServer() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const world = {
    issuer,
    base: undefined,
    patient: undefined,
    /** Seconds that access tokens live from now on. */
    accessLife: HOUR,
    publicClient: 'chartkeep-app',
    confidentialClient: 'chartkeep-confidential',
    confidentialSecret: secret(),
    serviceClient: 'the-fhir-server',
    serviceSecret: secret(),
    introspection: `${issuer}/token/introspection`,
    /** What came to the token endpoint: grant, status, refresh token sent and got, access token, scope. */
    exchanges: [],
  };
  const provider = new Provider(issuer, configuration(world));
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path !== '/token') return;
    if (ctx.status === 200 && ctx.body.scope?.split(' ').includes('launch/patient')) {
      ctx.body.patient = world.patient;
    }
    const asked = ctx.oidc?.params ?? {};
    world.exchanges.push({
      grant: asked.grant_type,
      status: ctx.status,
      error: ctx.body?.error,
      sent: asked.refresh_token,
      got: ctx.body?.refresh_token,
      access: ctx.body?.access_token,
      scope: ctx.body?.scope,
    });
  });
  server.on('request', provider.callback());

  /** `.well-known/smart-configuration`, made from what the server says of itself. */
  world.smartConfiguration = async () => {
    const told = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    const names = [
      'issuer', 'jwks_uri', 'authorization_endpoint', 'token_endpoint', 'revocation_endpoint',
      'introspection_endpoint', 'grant_types_supported', 'response_types_supported',
      'token_endpoint_auth_methods_supported', 'code_challenge_methods_supported',
      'authorization_response_iss_parameter_supported',
    ];
    return {
      ...Object.fromEntries(names.map((name) => [name, told[name]])),
      scopes_supported: PERSONS_SCOPES,
      capabilities: [
        'launch-standalone', 'client-public', 'client-confidential-symmetric', 'sso-openid-connect',
        'context-standalone-patient', 'permission-offline', 'permission-patient', 'permission-v2',
      ],
    };
  };

  const basic = () => `Basic ${Buffer.from(`${world.serviceClient}:${world.serviceSecret}`).toString('base64')}`;
  const post = (path, parameters, headers = {}) => fetch(issuer + path, {
    method: 'POST', body: new URLSearchParams(parameters), headers, signal: AbortSignal.timeout(10_000),
  });

  /** A token of the service, which may do everything at the FHIR server. */
  world.serviceToken = async () => {
    const answer = await post('/token',
      { grant_type: 'client_credentials', scope: SERVICE_SCOPE }, { authorization: basic() });
    if (answer.status !== 200) throw new Error(`no token for the service: ${answer.status}`);
    return (await answer.json()).access_token;
  };

  /** A person's token that no client was given, for asking as somebody else would. */
  world.mintedToken = async (scope) => {
    const of = { accountId: 'somebody', clientId: world.publicClient };
    const grant = new provider.Grant(of);
    grant.addOIDCScope(scope);
    const client = await provider.Client.find(world.publicClient);
    const token = new provider.AccessToken({
      accountId: of.accountId, client, grantId: await grant.save(), gty: 'authorization_code', scope,
      extra: { patient: world.patient },
    });
    return token.save();
  };

  /** Ends a token before its time; its login lives. */
  world.destroyAccess = async (value) => {
    const token = await provider.AccessToken.find(value);
    await token.destroy();
  };

  /** Ends a login, as a person does in the account at the payer (RFC 7009). */
  world.revoke = async (refreshToken) => {
    const answer = await post('/token/revocation',
      { token: refreshToken, token_type_hint: 'refresh_token', client_id: world.publicClient });
    if (answer.status !== 200) throw new Error(`not revoked: ${answer.status}`);
  };

  world.stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return world;
}
