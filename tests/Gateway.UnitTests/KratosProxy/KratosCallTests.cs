using Gateway.KratosProxy;

namespace Gateway.UnitTests.KratosProxy;

public sealed class KratosCallTests
{
    [Theory]
    [InlineData("GET", "/self-service/logout", "Logout")]
    [InlineData("DELETE", "/self-service/logout/api", "ApiLogout")]
    [InlineData("GET", "/self-service/methods/oidc/callback/google", "ChangeIdentity")]
    [InlineData("GET", "/self-service/settings", "ChangeIdentity")]
    [InlineData("POST", "/self-service/recovery", "Recovery")]
    [InlineData("DELETE", "/sessions", "EndOtherSessions")]
    [InlineData("GET", "/sessions", "Other")]
    [InlineData("DELETE", "/sessions/x", "EndSession")]
    [InlineData("GET", "/sessions/whoami", "Other")]
    public void KindOf_Call_WhatItDoesToSessions(string method, string path, string expected) =>
        Assert.Equal(expected, KratosCall.KindOf(method, path).ToString());
}
