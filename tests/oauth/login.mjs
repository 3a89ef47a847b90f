// Discovery, login, refresh and revocation at the sandbox by `oauth4webapi`. What the library sends
// and what it accepts is its own; the person's "yes" is the sandbox's way to agree without a page.
//
//   CHARTKEEP_BIN=FILE node login.mjs (run.sh installs the library)

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageFolder } from '../oracle/packages.mjs';
import { startPayer } from './payer.mjs';

const packages = createRequire(join(packageFolder(), 'oauth', 'package.json'));
const oauth = await import(pathToFileURL(packages.resolve('oauth4webapi')));

// Nobody listens there: the callback is read from the redirect.
const REDIRECT = 'http://127.0.0.1:49152/callback';
const SCOPE = 'openid fhirUser launch/patient offline_access patient/*.rs';
/** Loopback has no TLS; and no request may hang. */
const options = () => ({ [oauth.allowInsecureRequests]: true, signal: AbortSignal.timeout(30_000) });

let [passed, failed] = [0, 0];

/** Runs one check. What follows a failed one fails too, for want of what it needs. */
async function check(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    const said = [error.code, error.status, error.error, error.error_description].filter((it) => it !== undefined);
    console.log(`FAILED  ${name}: ${error.message.replace(/\s+/g, ' ')} (${said.join(' ')})`);
  }
}

/** The promise has to reject with an OAuth error: this word, with this status. */
async function refused(promise, word, status) {
  let error;
  try {
    await promise;
  } catch (caught) {
    error = caught;
  }
  assert.ok(error, `accepted; ${word} was expected`);
  assert.ok(
    error instanceof oauth.ResponseBodyError || error instanceof oauth.WWWAuthenticateChallengeError,
    `no OAuth error: ${error.message}`,
  );
  const challenge = error instanceof oauth.WWWAuthenticateChallengeError ? error.cause[0] : undefined;
  const found = error.error ?? challenge.parameters.error ?? (await error.response.json()).error;
  assert.deepEqual({ error: found, status: error.status }, { error: word, status });
  return challenge;
}

// Our end closes the sandbox's stdin, so this ends both.
const watchdog = setTimeout(() => {
  console.log('FAILED  everything takes less than two minutes');
  process.exit(1);
}, 120_000);
const payer = await startPayer(process.env.CHARTKEEP_BIN);

let server;
const base = new URL(payer.base);
const publicClient = { client_id: payer.publicClient };
const confidential = { client_id: payer.confidentialClient };
const basic = () => oauth.ClientSecretBasic(payer.secret);
const post = () => oauth.ClientSecretPost(payer.secret);

/** The authorization request of a client, as its parameters. */
async function request(client) {
  const secrets = {
    verifier: oauth.generateRandomCodeVerifier(),
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
  };
  const parameters = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: REDIRECT,
    response_type: 'code',
    scope: SCOPE,
    aud: payer.base,
    state: secrets.state,
    nonce: secrets.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(secrets.verifier),
    code_challenge_method: 'S256',
  });
  return { ...secrets, parameters };
}

/** The person agrees: the callback URL. */
async function agreed(parameters) {
  const about = await (await fetch(new URL('/_sandbox', base), options())).json();
  const agree = new URL(about.authorize);
  agree.search = parameters;
  const answer = await fetch(agree, { ...options(), redirect: 'manual' });
  assert.equal(answer.status, 302);
  const callback = new URL(answer.headers.get('location'));
  assert.equal(callback.origin + callback.pathname, REDIRECT);
  return callback;
}

/** A login as far as the code: what the callback says when state and issuer are right. */
async function authorized(client) {
  const asked = await request(client);
  const answer = oauth.validateAuthResponse(server, client, await agreed(asked.parameters), asked.state);
  return { ...asked, answer };
}

async function exchange(client, proof, login, verifier = login.verifier) {
  const response = await oauth.authorizationCodeGrantRequest(
    server, client, proof, login.answer, REDIRECT, verifier, options());
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
    expectedNonce: login.nonce,
    requireIdToken: true,
  });
  return { response, tokens };
}

async function loggedIn(client, proof) {
  return (await exchange(client, proof, await authorized(client))).tokens;
}

async function refresh(client, proof, token) {
  const response = await oauth.refreshTokenGrantRequest(server, client, proof, token, options());
  return oauth.processRefreshTokenResponse(server, client, response);
}

async function read(token) {
  const url = new URL(`${payer.base}/Patient/${payer.patient}`);
  const headers = new Headers({ accept: 'application/fhir+json' });
  const response = await oauth.protectedResourceRequest(token, 'GET', url, headers, null, options());
  assert.equal(response.status, 200);
  const patient = await response.json();
  assert.deepEqual([patient.resourceType, patient.id], ['Patient', payer.patient]);
}

async function unreadable(token) {
  const challenge = await refused(read(token), 'invalid_token', 401);
  assert.equal(challenge?.scheme, 'bearer');
}

async function revoke(client, proof, token) {
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, proof, token, options()));
}

async function discovery() {
  await check('the SMART configuration is metadata of an authorization server', async () => {
    const response = await fetch(`${payer.base}/.well-known/smart-configuration`, options());
    const found = await oauth.processDiscoveryResponse(base, response);
    assert.ok(found.code_challenge_methods_supported.includes('S256'));
    assert.equal(found.authorization_response_iss_parameter_supported, true);
    assert.deepEqual(
      [...found.token_endpoint_auth_methods_supported].sort(),
      ['client_secret_basic', 'client_secret_post', 'none'],
    );
    server = found;
  });
  await check('the OpenID configuration names the same endpoints', async () => {
    const response = await oauth.discoveryRequest(base, { ...options(), algorithm: 'oidc' });
    const found = await oauth.processDiscoveryResponse(base, response);
    const endpoints = ['authorization', 'token', 'revocation', 'introspection'].map((name) => `${name}_endpoint`);
    for (const name of [...endpoints, 'jwks_uri']) {
      assert.match(found[name], /^http:/, name);
      assert.equal(found[name], server[name], name);
    }
    assert.ok(found.id_token_signing_alg_values_supported.includes('RS256'));
  });
  await check('the authorization endpoint asks the person', async () => {
    const page = new URL(server.authorization_endpoint);
    page.search = (await request(publicClient)).parameters;
    const answer = await fetch(page, { ...options(), redirect: 'manual' });
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^text\/html/);
  });
}

/** Everything that each kind of client does in its life. */
async function life(kind, client, proof) {
  let [login, answer, tokens, next] = [];
  await check(`${kind}: the callback has a code, the state and the issuer`, async () => {
    login = await authorized(client);
    assert.equal(login.answer.get('iss'), payer.base);
    assert.ok(login.answer.get('code'));
  });
  await check(`${kind}: the code is exchanged for tokens of what was asked`, async () => {
    answer = await exchange(client, proof(), login);
    tokens = answer.tokens;
    assert.equal(tokens.token_type, 'bearer');
    assert.equal(tokens.scope, SCOPE);
    assert.equal(tokens.patient, payer.patient);
    assert.ok(tokens.expires_in > 0);
    assert.ok(tokens.refresh_token);
    assert.equal(answer.response.headers.get('cache-control'), 'no-store');
  });
  await check(`${kind}: the id_token is signed by a published key, for this client and nonce`, async () => {
    await oauth.validateApplicationLevelSignature(server, answer.response, options());
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    assert.equal(claims.iss, payer.base);
    assert.equal(claims.aud, client.client_id);
    assert.equal(claims.nonce, login.nonce);
    assert.equal(claims.fhirUser, `${payer.base}/Patient/${payer.patient}`);
  });
  await check(`${kind}: the patient is read`, () => read(tokens.access_token));
  await check(`${kind}: a refresh rotates both tokens and keeps the scopes`, async () => {
    next = await refresh(client, proof(), tokens.refresh_token);
    assert.ok(next.refresh_token);
    assert.notEqual(next.refresh_token, tokens.refresh_token);
    assert.notEqual(next.access_token, tokens.access_token);
    assert.equal(next.scope, SCOPE);
    await read(next.access_token);
  });
  await check(`${kind}: the rotated token refreshes in its turn`, async () => {
    const last = await refresh(client, proof(), next.refresh_token);
    await read(last.access_token);
    next = last;
  });
  await check(`${kind}: a refresh token that was used is refused, and ends the login`, async () => {
    await read(next.access_token);
    await refused(refresh(client, proof(), tokens.refresh_token), 'invalid_grant', 400);
    await refused(refresh(client, proof(), next.refresh_token), 'invalid_grant', 400);
    await unreadable(next.access_token);
  });
  await check(`${kind}: a revoked access token reads nothing, its login lives`, async () => {
    const other = await loggedIn(client, proof());
    await revoke(client, proof(), other.access_token);
    await unreadable(other.access_token);
    await read((await refresh(client, proof(), other.refresh_token)).access_token);
  });
  await check(`${kind}: a revoked refresh token ends the login`, async () => {
    const other = await loggedIn(client, proof());
    await read(other.access_token);
    await revoke(client, proof(), other.refresh_token);
    await refused(refresh(client, proof(), other.refresh_token), 'invalid_grant', 400);
    await unreadable(other.access_token);
  });
  await check(`${kind}: a wrong verifier is refused, and so is none`, async () => {
    const other = await authorized(client);
    const wrong = oauth.generateRandomCodeVerifier();
    await refused(exchange(client, proof(), other, wrong), 'invalid_grant', 400);
    await refused(exchange(client, proof(), other, oauth.nopkce), 'invalid_grant', 400);
  });
  await check(`${kind}: a code that was used is refused, and its tokens die`, async () => {
    const other = await authorized(client);
    const { tokens: first } = await exchange(client, proof(), other);
    await read(first.access_token);
    await refused(exchange(client, proof(), other), 'invalid_grant', 400);
    await unreadable(first.access_token);
  });
}

async function refusals() {
  const wrong = `${payer.secret}x`;
  for (const [name, proof] of [
    ['a wrong secret by basic', oauth.ClientSecretBasic(wrong)],
    ['a wrong secret by post', oauth.ClientSecretPost(wrong)],
    ['no secret', oauth.None()],
  ]) {
    await check(`${name} gets no tokens, refreshes none and revokes none`, async () => {
      const login = await authorized(confidential);
      const challenge = await refused(exchange(confidential, proof, login), 'invalid_client', 401);
      assert.equal(challenge?.scheme, 'basic');
      const tokens = await loggedIn(confidential, basic());
      await refused(refresh(confidential, proof, tokens.refresh_token), 'invalid_client', 401);
      await refused(revoke(confidential, proof, tokens.refresh_token), 'invalid_client', 401);
      await read(tokens.access_token);
    });
  }
  await check('codes and refresh tokens are of no use to another client', async () => {
    const login = await authorized(publicClient);
    await refused(exchange(confidential, basic(), login), 'invalid_grant', 400);
    const tokens = await loggedIn(publicClient, oauth.None());
    await refused(refresh(confidential, basic(), tokens.refresh_token), 'invalid_grant', 400);
    await revoke(confidential, basic(), tokens.refresh_token);
    await read(tokens.access_token);
  });
  for (const [name, word, spoil] of [
    ['no challenge', 'invalid_request', (it) => { it.delete('code_challenge'); it.delete('code_challenge_method'); }],
    ['a plain challenge', 'invalid_request', (it) => it.set('code_challenge_method', 'plain')],
    ['another aud', 'invalid_request', (it) => it.set('aud', `${payer.base}x`)],
    ['no known scope', 'invalid_scope', (it) => it.set('scope', 'system/*.rs')],
    ['another response type', 'unsupported_response_type', (it) => it.set('response_type', 'token')],
  ]) {
    await check(`a request with ${name} is sent back as ${word}`, async () => {
      const { parameters, state } = await request(publicClient);
      spoil(parameters);
      const callback = await agreed(parameters);
      assert.throws(
        () => oauth.validateAuthResponse(server, publicClient, callback, state),
        (error) => error instanceof oauth.AuthorizationResponseError && error.error === word,
      );
    });
  }
  await check('introspection knows a live token from a dead one', async () => {
    const tokens = await loggedIn(confidential, basic());
    const look = async () => oauth.processIntrospectionResponse(server, confidential,
      await oauth.introspectionRequest(server, confidential, basic(), tokens.access_token, options()));
    const live = await look();
    assert.deepEqual([live.active, live.client_id, live.scope], [true, confidential.client_id, SCOPE]);
    await revoke(confidential, basic(), tokens.refresh_token);
    assert.equal((await look()).active, false);
  });
}

try {
  await discovery();
  await life('public', publicClient, () => oauth.None());
  await life('basic', confidential, basic);
  await life('post', confidential, post);
  await refusals();
} finally {
  await check('the sandbox ends when its stdin closes', async () => assert.equal(await payer.stop(), 0));
}
clearTimeout(watchdog);
console.log(`oauth: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
