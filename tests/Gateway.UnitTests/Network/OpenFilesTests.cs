using Gateway.Network;

namespace Gateway.UnitTests.Network;

public sealed class OpenFilesTests
{
    [Theory]
    [InlineData("Max open files            1024                 1048576              files     ", 1024)]
    [InlineData("Max open files            1024                 unlimited            files     ", 1024)]
    [InlineData("Max open files            unlimited            unlimited            files     ", null)]
    [InlineData("Max open files            99999999999          99999999999          files     ", int.MaxValue)]
    [InlineData("Max open files", null)]
    [InlineData("Max processes             63432                63432                processes ", null)]
    public void Parse_LinesOfTheSystem_FindsTheSoftLimit(string line, int? limit) =>
        Assert.Equal(limit, OpenFiles.Parse(["Limit                     Soft Limit           Hard Limit           Units", line]));

    [Theory]
    [InlineData(1024, 300)]
    [InlineData(256, 16)]
    [InlineData(0, 16)]
    [InlineData(65_536, 32_556)]
    [InlineData(1_048_576, 100_000)]
    [InlineData(int.MaxValue, 100_000)]
    [InlineData(null, 100_000)]
    public void Connections_AnyLimit_LeaveAsMuchToServicesAndTheReserve(int? limit, int connections) =>
        Assert.Equal(connections, OpenFiles.Connections(limit));
}
