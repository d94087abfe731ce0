import { expect, it } from "vitest";
import { compareUrl } from "../../../src/core/compare-url.ts";
import { parseRepoUrl } from "../../../src/core/repo-url.ts";

it.each([
  ["https://github.com/octo/hello", "https github.com octo hello https://github.com/octo/hello"],
  [
    "https://GitHub.com/octo/hello.git/",
    "https github.com octo hello https://github.com/octo/hello.git",
  ],
  [
    "http://git.local:3000/octo/hello",
    "http git.local:3000 octo hello http://git.local:3000/octo/hello",
  ],
  ["https://gitlab.com/a/b/c.git", "https gitlab.com a/b c https://gitlab.com/a/b/c.git"],
  ["https://[::1]:8080/a/b", "https [::1]:8080 a b https://[::1]:8080/a/b"],
  ["git@github.com:octo/hello.git", "ssh github.com octo hello git@github.com:octo/hello.git"],
  ["github.com:octo/hello", "ssh github.com octo hello github.com:octo/hello"],
  ["host:hello.git", "ssh host  hello host:hello.git"],
  ["git@host:/srv/hello.git", "ssh host srv hello git@host:/srv/hello.git"],
  ["ssh://git@host:22/octo/hello", "ssh host:22 octo hello ssh://git@host:22/octo/hello"],
  ["ssh://host/~me/hello", "ssh host ~me hello ssh://host/~me/hello"],
  ["file:///srv/git/hello.git", "file  srv/git hello file:///srv/git/hello.git"],
  ["/srv/git/hello", "file  srv/git hello /srv/git/hello"],
])("%s is read", (text, words) => {
  const parsed = parseRepoUrl(` ${text}\n`);
  const { transport, host, owner, name, url } = parsed.ok
    ? parsed.value
    : { transport: parsed.message, host: "", owner: "", name: "", url: "" };
  expect([transport, host, owner, name, url].join(" ")).toBe(words);
});

it.each([
  ["https://me:pass@github.com/a/b", "has a name or password in it"],
  ["https://ghp_abc@github.com/a/b", "give the token by the environment instead"],
  ["ssh://git:pass@host/a/b", "has a password in it"],
  ["git:pass@host:a/b", "is not the address|has a password"],
  ["ssh://-oProxyCommand=x@host/a/b", "has no good user name"],
  ["-oProxyCommand=x@host:a/b", "begins with a hyphen"],
  ["ssh://-oProxyCommand=x/a/b", "has no good host name"],
  ["host:-a/b", "names no repository"],
  ["--upload-pack=x", "begins with a hyphen"],
  ["ext::sh -c id", "would have git run a program"],
  ["a+b::x", "would have git run a program"],
  ["https://github.com/a/b\nx", "has a newline or control character in it"],
  ["https://github.com/a/b?x=1", "has a ? or # in it"],
  ["https://github.com/a/../b", "names no repository"],
  ["https://github.com/a/%2e%2e", "names no repository"],
  ["https://github.com//b", "names no repository"],
  ["https://github.com", "names no repository"],
  ["https://github.com/a/.git", "names no repository"],
  ["https://github_com/a/b", "has no good host name"],
  ["https:///a/b", "has no good host name"],
  ["git://github.com/a/b", "uses git, which is not supported"],
  ["file://host/a", "names no absolute path"],
  ["file:///", "names no repository"],
  ["/a/../b", "names no repository"],
  ["a/b", "is not the address of a repository"],
  ["", "is not the address of a repository"],
  ["bad user@host:a/b", "has no good user name"],
  [`https://github.com/a/${"b".repeat(1000)}`, "is too long"],
])("%s is refused", (text, why) => {
  const parsed = parseRepoUrl(text);
  const message = parsed.ok ? JSON.stringify(parsed.value) : parsed.message;
  expect(message).toMatch(new RegExp(why.replaceAll("?", "\\?"), "u"));
  expect(message).toContain("write for example https://github.com/owner/name or");
  expect(message).not.toContain("pass@");
  expect(message).not.toContain("ghp_abc");
});

it("leads a person to where a pull request is opened", () => {
  const repo = { transport: "https", host: "h.example:8443", owner: "a/b", name: "c" } as const;
  expect(compareUrl("github", repo, "main", "sleepless/1 #")).toBe(
    "https://h.example:8443/a/b/c/compare/main...sleepless/1%20%23?expand=1",
  );
  expect(compareUrl("gitlab", repo, "main", "sleepless/1&x")).toBe(
    "https://h.example:8443/a/b/c/-/merge_requests/new?merge_request%5Bsource_branch%5D=sleepless%2F1%26x&merge_request%5Btarget_branch%5D=main",
  );
  expect(compareUrl("gitea", { ...repo, transport: "http" }, "main", "x")).toBe(
    "http://h.example:8443/a/b/c/compare/main...x",
  );
  expect(compareUrl("gitea", { ...repo, transport: "ssh" }, "main", "x")).toBe(
    "https://h.example/a/b/c/compare/main...x",
  );
  expect(compareUrl("github", { ...repo, transport: "file" }, "main", "x")).toBeNull();
});
