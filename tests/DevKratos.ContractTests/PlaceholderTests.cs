namespace DevKratos.ContractTests;

public sealed class PlaceholderTests { [Fact] public void Runs() => Assert.Equal(2, 1 + 1); }
