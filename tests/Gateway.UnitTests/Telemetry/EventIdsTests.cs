using System.Reflection;
using Gateway.Telemetry;

namespace Gateway.UnitTests.Telemetry;

public sealed class EventIdsTests
{
    [Fact]
    public void Numbers_EveryEvent_AreItsOwn()
    {
        var numbers = typeof(EventIds).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Select(f => (int)f.GetRawConstantValue()!)
            .ToArray();

        Assert.NotEmpty(numbers);
        Assert.Equal(numbers.Distinct(), numbers);
    }
}
