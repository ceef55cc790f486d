using System.Security.Cryptography;
using System.Text;
using DevKratos.State;
using DevKratos.Wire;

namespace DevKratos.Core;

/// <summary>What the three listeners share: the store, the addresses, the clock and the faults.</summary>
internal sealed class KratosCore
{
    public const string SessionCookie = "ory_kratos_session";
    public const string ContinuityCookie = "ory_kratos_continuity";

    private volatile Addresses _addresses;

    public KratosCore(DevKratosOptions options)
    {
        Options = options;
        Store = new KratosStore(options.TimeProvider);
        Sessions = new SessionJson(() => PublicBase);
        Flows = new FlowJson(() => PublicBase, Sessions);
        _addresses = new Addresses(
            new Uri("http://127.0.0.1:4433/"), new Uri("http://127.0.0.1:4455/auth/"), new Uri("http://127.0.0.1:4434/"));
    }

    public DevKratosOptions Options { get; }

    public KratosStore Store { get; }

    public DevKratosFaults Faults { get; } = new();

    public SessionJson Sessions { get; }

    public FlowJson Flows { get; }

    public DateTime Now => Store.Now;

    public IReadOnlyList<WelcomeLink> WelcomeLinks { get; set; } = WelcomeLink.Shipped;

    /// <summary>Ends with a slash, as the two others do.</summary>
    public Uri PublicBase
    {
        get => _addresses.Public;
        set => _addresses = _addresses with { Public = Slashed(value) };
    }

    public Uri UiBase
    {
        get => _addresses.Ui;
        set => _addresses = _addresses with { Ui = Slashed(value) };
    }

    public Uri AdminBase
    {
        get => _addresses.Admin;
        set => _addresses = _addresses with { Admin = Slashed(value) };
    }

    /// <summary>Kratos' name for it: the hash of the exact base URL.</summary>
    public string CsrfCookie =>
        "csrf_token_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(PublicBase.AbsoluteUri)));

    public string Public(string path) => new Uri(PublicBase, path).AbsoluteUri;

    public string Ui(string page) => new Uri(UiBase, page).AbsoluteUri;

    public string UiFlow(Flow flow) => Ui($"{flow.Kind.ToString().ToLowerInvariant()}?flow={flow.Id}");

    public string DefaultReturn => Ui("welcome");

    /// <summary>The origins that a <c>return_to</c> may have.</summary>
    public IEnumerable<Uri> AllowedReturns =>
        [new Uri(PublicBase.GetLeftPart(UriPartial.Authority)), new Uri(UiBase.GetLeftPart(UriPartial.Authority))];

    private static Uri Slashed(Uri value) => value.AbsolutePath.EndsWith('/') ? value : new Uri(value.AbsoluteUri + "/");

    private sealed record Addresses(Uri Public, Uri Ui, Uri Admin);
}
