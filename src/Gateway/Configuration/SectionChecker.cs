using System.Collections;
using System.ComponentModel;
using System.Reflection;
using System.Security.Authentication;

namespace Gateway.Configuration;

/// <summary>
/// Holds a configuration section against the type it will be bound to and names every unknown key and every value that
/// does not convert. The stock binder stops at the first, and YARP's reader ignores unknown keys: there a misspelt
/// <c>AuthorizationPolicy</c> would silently loosen a route.
/// </summary>
internal static class SectionChecker
{
    public static void Check(IConfigurationSection section, Type type, ConfigErrors errors)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(IConfigurationSection)) return; // a tree that its owner checks
        if (IsValue(type))
            CheckValue(section, type, errors);
        else if (ElementOf(type, typeof(IReadOnlyDictionary<,>), typeof(IDictionary<,>)) is { } valueType)
            CheckChildren(section, valueType, errors);
        else if (ElementOf(type, typeof(IReadOnlyList<>), typeof(IList<>)) is { } itemType)
            CheckList(section, itemType, errors);
        else
            CheckMembers(section, type, errors);
    }

    private static void CheckMembers(IConfigurationSection section, Type type, ConfigErrors errors)
    {
        if (!string.IsNullOrEmpty(section.Value))
            errors.Add(section.Path, "is a single value where a section is expected");
        var members = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        foreach (var child in section.GetChildren())
        {
            if (members.FirstOrDefault(m => m.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase)) is { } member)
                Check(child, member.PropertyType, errors);
            else
                errors.Add(child.Path, $"is an unknown key{Suggestion.For(child.Key, members.Select(m => m.Name))}");
        }
    }

    private static void CheckChildren(IConfigurationSection section, Type valueType, ConfigErrors errors)
    {
        if (!string.IsNullOrEmpty(section.Value))
            errors.Add(section.Path, "is a single value where a section is expected");
        foreach (var child in section.GetChildren())
            Check(child, valueType, errors);
    }

    private static void CheckList(IConfigurationSection section, Type itemType, ConfigErrors errors)
    {
        if (!string.IsNullOrEmpty(section.Value))
            errors.Add(section.Path, "is a single value where a list is expected: write it as [ … ]");
        foreach (var child in section.GetChildren())
        {
            if (int.TryParse(child.Key, out _))
                Check(child, itemType, errors);
            else
                errors.Add(child.Path, "stands in a list, whose entries have no names");
        }
    }

    private static void CheckValue(IConfigurationSection section, Type type, ConfigErrors errors)
    {
        if (type == typeof(SslProtocols)) return; // YARP reads a list of names here and names a bad one itself
        if (section.GetChildren().Any())
        {
            errors.Add(section.Path, "is a section where a single value is expected");
            return;
        }
        if (section.Value is null || type == typeof(string)) return;
        if (type == typeof(TimeSpan) && section.Value.Trim('0') is { Length: > 0 } digits && digits.All(char.IsAsciiDigit))
        {
            errors.Add(section.Path, $"is not {Describe(type)} (a bare number would count days)");
            return;
        }
        try
        {
            TypeDescriptor.GetConverter(type).ConvertFromInvariantString(AsYarpReads(section.Value, type));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            errors.Add(section.Path, $"is not {Describe(type)}");
        }
    }

    /// <summary>A version of HTTP may be its first number alone.</summary>
    private static string AsYarpReads(string value, Type type) =>
        type == typeof(Version) && !value.Contains('.', StringComparison.Ordinal) ? value + ".0" : value;

    private static bool IsValue(Type type) =>
        type.IsPrimitive
        || type.IsEnum
        || type == typeof(string)
        || type == typeof(TimeSpan)
        || type == typeof(Uri)
        || type == typeof(Version)
        || type == typeof(decimal);

    private static Type? ElementOf(Type type, params Type[] definitions)
    {
        if (type == typeof(string) || !typeof(IEnumerable).IsAssignableFrom(type)) return null;
        return type.GetInterfaces().Append(type)
            .FirstOrDefault(i => i.IsGenericType && definitions.Contains(i.GetGenericTypeDefinition()))
            ?.GetGenericArguments()[^1];
    }

    private static string Describe(Type type)
    {
        if (type == typeof(TimeSpan)) return "a duration: write hh:mm:ss";
        if (type == typeof(bool)) return "true or false";
        if (type.IsEnum) return $"one of {string.Join(", ", Enum.GetNames(type))}";
        return type == typeof(Uri) ? "a URL" : "a number";
    }
}
