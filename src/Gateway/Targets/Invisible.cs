using System.Text;

namespace Gateway.Targets;

/// <summary>
/// Characters that nobody sees, and that a service which compares names without them reads over (Unicode's default ignorable
/// code points).
/// </summary>
internal static class Invisible
{
    /// <summary>Whether it cannot stand in a path.</summary>
    /// <param name="behindAscii">There, joiners and tags join nothing: they belong to scripts and emoji.</param>
    public static bool IsIn(Rune rune, bool behindAscii) => rune.Value switch
    {
        < 0x80 => false,
        0xAD or 0x61C or 0x180E or 0x200B or 0x200E or 0x200F or 0xFEFF => true, // soft hyphen, marks, zero-width space, BOM
        >= 0x202A and <= 0x202E or >= 0x2060 and <= 0x206F or >= 0xFFF9 and <= 0xFFFB => true, // directions, word joiner …
        0x200C or 0x200D or >= 0xE0000 and <= 0xE007F => behindAscii,
        _ => false,
    };
}
