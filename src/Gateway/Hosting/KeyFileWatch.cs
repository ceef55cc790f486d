using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Gateway.Forwarding.Signing;
using Gateway.Telemetry;

namespace Gateway.Hosting;

/// <summary>
/// Has the configuration read again when the text of a key file has changed. The text is read every two seconds: a
/// Kubernetes Secret changes by swapping a symbolic link, which notifications miss.
/// </summary>
internal sealed partial class KeyFileWatch(
    IConfiguration configuration, string folder, TimeProvider time, ILogger<KeyFileWatch> log) : IHostedService, IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private string _last = Text(configuration, folder);
    private ITimer? _timer;

    /// <summary>The hashes of all key files that the configuration names.</summary>
    public static string Text(IConfiguration configuration, string folder)
    {
        var text = new StringBuilder();
        foreach (var file in TokenIssuer.KeyFiles(configuration, folder))
            text.Append(Hash(file)).Append('\n');
        return text.ToString();
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(_ => Look(), null, Period, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>An exception on a timer would end the process; the next look tries again.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "The last resort.")]
    private void Look()
    {
        try
        {
            var text = Text(configuration, folder);
            if (text != _last)
            {
                ((IConfigurationRoot)configuration).Reload();
                _last = text;
            }
        }
        catch (Exception e)
        {
            LogNotTakenOver(log, e.GetType().Name);
        }
        _timer?.Change(Period, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(EventIds.KeyFilesNotTakenOver, LogLevel.Error,
        "Key files have changed, but the configuration cannot be read now ({Problem}); trying again")]
    private static partial void LogNotTakenOver(ILogger logger, string problem);

    private static string Hash(string file)
    {
        try
        {
            return Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.GetType().Name;
        }
    }
}
