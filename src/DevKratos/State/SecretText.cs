using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace DevKratos.State;

/// <summary>Random values in the forms Kratos gives them.</summary>
internal static class SecretText
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    /// <summary>39 characters: the prefix and 32 letters or digits.</summary>
    public static string SessionToken() => "ory_st_" + RandomNumberGenerator.GetString(Alphabet, 32);

    public static string LogoutToken() => "ory_lo_" + RandomNumberGenerator.GetString(Alphabet, 32);

    /// <summary>Looks like a gorilla/securecookie value, about 430 characters: base64url of <c>time|payload|mac</c>.</summary>
    public static string CookieValue(DateTime now)
    {
        var time = new DateTimeOffset(now, TimeSpan.Zero).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var payload = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(206));
        byte[] bytes = [.. System.Text.Encoding.ASCII.GetBytes($"{time}|{payload}|"), .. RandomNumberGenerator.GetBytes(32)];
        return Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '_');
    }

    public static string Digits(int count) => RandomNumberGenerator.GetString("0123456789", count);
}
