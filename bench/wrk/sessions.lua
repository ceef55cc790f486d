-- Every request is another session: identities 1 to args[1], then from the start again. For the cache's memory.
local sessions, n = 100000, 0
local script = debug.getinfo(1, "S").source:match("^@(.*)/") or "."
dofile(script .. "/browser.lua")
local browser_headers = headers
local head, tail

function init(args)
    sessions = tonumber(args[1] or 100000)
    -- The request of session 0, cut where its number stands: building 100,000 of them must not be what the load generator is busy with.
    local text = wrk.format("GET", nil, browser_headers(0))
    local at = text:find("ory_kratos_session=u0-", 1, true) + #"ory_kratos_session=u"
    head, tail = text:sub(1, at - 1), text:sub(at + 1)
end

function request()
    n = n % sessions + 1
    return head .. n .. tail
end
