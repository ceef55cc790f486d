// Verifies the gateway's identity token: node verify.mjs TOKEN. Prints the claims, or fails.
import { createRemoteJWKSet, jwtVerify } from "jose";

const { JWKS_URL, ISSUER, AUDIENCE } = process.env;

// Keeps the keys, and asks again for a key id that it does not know, at most once a second.
const keys = createRemoteJWKSet(new URL(JWKS_URL), { cooldownDuration: 1000 });

export async function verify(token) {
  const { payload } = await jwtVerify(token, keys, {
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ["ES256", "RS256"],
    requiredClaims: ["sub", "exp"],
    clockTolerance: 30,
  });
  return payload;
}

console.log(JSON.stringify(await verify(process.argv[2])));
