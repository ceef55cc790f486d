using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace DevKratos.State;

/// <summary>
/// Passwords, hashed by ASP.NET Core Identity's PBKDF2 hasher. Fewer rounds than its default: this is a development tool and
/// logins should feel instant.
/// </summary>
internal static class PasswordHash
{
    private static readonly PasswordHasher<Identity> Hasher = new(Options.Create(new PasswordHasherOptions
    {
        IterationCount = 10_000
    }));
    private static readonly string Decoy = Hasher.HashPassword(null!, "nobody's password");

    public static string Create(string password) => Hasher.HashPassword(null!, password);

    /// <summary>Takes as long for an unknown person as for a wrong password.</summary>
    public static bool Verify(Identity? identity, string password)
    {
        var hash = identity?.Password?.Hash;
        var result = Hasher.VerifyHashedPassword(null!, hash ?? Decoy, password);
        return hash is not null && result != PasswordVerificationResult.Failed;
    }
}
