using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;

namespace Gateway.Configuration;

/// <summary>The user's configuration file (<c>--config FILE</c> or <c>GATEWAY_CONFIG</c>), YAML or JSON by its ending, watched for changes.</summary>
internal sealed class ConfigurationFile(string path) : FileConfigurationSource
{
    private volatile string? _failure;

    public string FullPath { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Why the file cannot be used as it is now, or null. Such a file is an error of the load, never an empty configuration.</summary>
    public string? Failure => File.Exists(FullPath) ? _failure : "the file does not exist";

    public override IConfigurationProvider Build(IConfigurationBuilder builder)
    {
        var folder = System.IO.Path.GetDirectoryName(FullPath);
        FileProvider = Directory.Exists(folder) ? new WatchedFolder(folder) : new NullFileProvider();
        Path = System.IO.Path.GetFileName(FullPath);
        Optional = true; // a missing file is reported together with every other error
        ReloadOnChange = true;
        return new Provider(this);
    }

    private sealed class Provider(ConfigurationFile file) : FileConfigurationProvider(file)
    {
        private Dictionary<string, string[]> _children = [];

        /// <summary>Reads the file; one that cannot be read leaves the last values and its failure behind.</summary>
        public override void Load(Stream stream)
        {
            // Who writes a file in place empties it first.
            if (stream.Length == 0 && Data.Count > 0)
            {
                file._failure = "the file is empty";
                return;
            }
            try
            {
                var data = System.IO.Path.GetExtension(file.FullPath) is ".json" ? JsonFile.Read(stream) : YamlFile.Read(stream);
                (Data, _children) = (data, ChildrenOf(data.Keys));
                file._failure = null;
            }
            catch (Exception e) when (e is FormatException or IOException)
            {
                file._failure = e.Message;
            }
        }

        /// <summary>The base class goes through every key for each call, which takes half a minute with 5,000 routes.</summary>
        public override IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) =>
            (_children.TryGetValue(parentPath ?? "", out var children) ? children.Concat(earlierKeys) : earlierKeys)
                .Order(Comparer<string>.Create(ConfigurationKeyComparer.Instance.Compare));

        private static Dictionary<string, string[]> ChildrenOf(IEnumerable<string> keys)
        {
            var children = new Dictionary<string, HashSet<string>>(StringComparer.OrdinalIgnoreCase);
            foreach (var key in keys)
            {
                for (var path = key; path.Length > 0;)
                {
                    var colon = path.LastIndexOf(':');
                    var parent = colon < 0 ? "" : path[..colon];
                    if (!children.TryGetValue(parent, out var names)) children[parent] = names = new(StringComparer.OrdinalIgnoreCase);
                    if (!names.Add(path[(colon + 1)..])) break; // so are its parents
                    path = parent;
                }
            }
            return children.ToDictionary(c => c.Key, c => c.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
        }
    }
}
