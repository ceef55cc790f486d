"""Verifies the gateway's identity token: python3 verify.py TOKEN. Prints the claims, or fails."""
import json
import os
import sys

import jwt  # PyJWT, with cryptography

# Keeps the keys, and asks again for a key id that it does not know.
keys = jwt.PyJWKClient(os.environ["JWKS_URL"])


def verify(token):
    key = keys.get_signing_key_from_jwt(token)
    return jwt.decode(
        token,
        key.key,
        algorithms=["ES256", "RS256"],
        issuer=os.environ["ISSUER"],
        audience=os.environ["AUDIENCE"],
        leeway=30,
        options={"require": ["sub", "exp"]},
    )


print(json.dumps(verify(sys.argv[1])))
