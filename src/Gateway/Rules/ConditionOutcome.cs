namespace Gateway.Rules;

/// <summary>What became of one condition, for an operator who asks why. It may hold personal data: a trait's value.</summary>
/// <param name="Name">As in the index of conditions.</param>
/// <param name="Holds">Null: it was not looked at, because nobody was found to be calling.</param>
/// <param name="Wanted">What the configuration asks for.</param>
/// <param name="Found">What it was compared with; null: nothing was there, or nothing was looked at.</param>
internal sealed record ConditionOutcome(string Name, bool? Holds, string Wanted, string? Found);
