using Microsoft.Extensions.Configuration;

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
        FileProvider = new WatchedFolder(System.IO.Path.GetDirectoryName(FullPath)!);
        Path = System.IO.Path.GetFileName(FullPath);
        Optional = true; // a missing file is reported together with every other error
        ReloadOnChange = true;
        return new Provider(this);
    }

    private sealed class Provider(ConfigurationFile file) : FileConfigurationProvider(file)
    {
        /// <summary>Reads the file; one that cannot be read leaves the last values and its failure behind.</summary>
        public override void Load(Stream stream)
        {
            try
            {
                Data = System.IO.Path.GetExtension(file.FullPath) is ".json" ? ReadJson(stream) : YamlFile.Read(stream);
                file._failure = null;
            }
            catch (Exception e) when (e is FormatException or InvalidDataException or IOException)
            {
                file._failure = e.Message;
            }
        }

        private static Dictionary<string, string?> ReadJson(Stream stream)
        {
            try
            {
                return new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable()
                    .Where(pair => pair.Value is not null)
                    .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.OrdinalIgnoreCase);
            }
            catch (Exception e) when (e is System.Text.Json.JsonException)
            {
                throw new FormatException(e.Message, e);
            }
        }
    }
}
