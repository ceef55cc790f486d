using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Gateway.Configuration;

/// <summary>
/// A folder whose files are watched by the system's notifications and by polling (every 4 s): a Kubernetes ConfigMap
/// changes by swapping a symbolic link, which notifications on the file itself miss.
/// </summary>
internal sealed class WatchedFolder(string root) : IFileProvider, IDisposable
{
    private readonly PhysicalFileProvider _notified = new(root);
    private readonly PhysicalFileProvider _polled = new(root) { UsePollingFileWatcher = true, UseActivePolling = true };

    public IFileInfo GetFileInfo(string subpath) => _notified.GetFileInfo(subpath);

    public IDirectoryContents GetDirectoryContents(string subpath) => _notified.GetDirectoryContents(subpath);

    public IChangeToken Watch(string filter) => new CompositeChangeToken([_notified.Watch(filter), _polled.Watch(filter)]);

    public void Dispose()
    {
        _notified.Dispose();
        _polled.Dispose();
    }
}
