using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;

namespace Gateway.Management;

/// <summary>A bearer token that stands in a file. It is read with every request, so it may be replaced while running.</summary>
internal static class ManagementToken
{
    private const string Bearer = "Bearer ";

    /// <summary>The file's text without the white space around it; empty when it cannot be read.</summary>
    public static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Whether the token is presented. Compared by hash, which takes as long whatever is presented.</summary>
    public static bool Is(StringValues authorization, string token)
    {
        if (authorization is not [{ } presented]) return false;
        return presented.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Hash(presented[Bearer.Length..].Trim()), Hash(token));
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
