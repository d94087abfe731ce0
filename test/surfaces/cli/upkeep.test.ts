import { describe, expect, test } from "vitest";
import type { Finding } from "../../../src/surfaces/cli/context.ts";
import { setup } from "./setup.ts";

describe("admission", () => {
  test("pause, resume and drain say what holds from now on", async () => {
    await using bench = await setup();
    await bench.type("pause", "--for", "2h");
    await bench.type("pause");
    await bench.type("drain");
    await bench.type("check");
    await bench.type("resume");
    await bench.type("pause", "--for", "ever");
    await bench.type("resume", "--json");
    await bench.matches("admission");
  });
});

describe("projects", () => {
  test("are added, listed, shown and removed", async () => {
    await using bench = await setup();
    await bench.type("project");
    await bench.type("project", "add", "backend", "--path", "backend", "--parallel", "2");
    await bench.type("project", "add", "backend", "--path", "backend");
    await bench.type("project", "add", "My Web", "--path", "backend");
    await bench.type("project", "add", "web", "--path", "nowhere");
    await bench.type("project", "add", "web", "--path", "backend", "--parallel", "0");
    await bench.sle("think", "-p", "backend", "Fix it");
    await bench.type("project", "list");
    await bench.type("project", "show", "backend");
    await bench.type("project", "set", "backend", "--parallel", "3", "--budget", "5usd");
    await bench.type("project", "show", "backend");
    await bench.type("project", "set", "backend");
    await bench.type("project", "set", "backend", "--budget", "5");
    await bench.type("project", "set", "backend", "--parallel", "0");
    await bench.type("project", "set", "backend", "--budget", "none", "--json");
    await bench.type("project", "set", "web", "--budget", "5usd");
    await bench.type("project", "add", "web", "--path", "backend", "--budget", "-1usd");
    await bench.type("project", "show", "web");
    await bench.type("project", "remove", "backend");
    await bench.sle("cancel", "1");
    await bench.type("project", "remove", "backend");
    await bench.type("project", "remove", "backend");
    await bench.matches("project");
  });
});

describe("settings", () => {
  test("are shown, read, set and checked", async () => {
    await using bench = await setup();
    bench.world.settings = {
      ok: true,
      values: [
        { key: "attempts.parallel_max", value: 3, origin: "config.yaml:4" },
        { key: "hours.time_zone", value: "UTC", origin: "default" },
        { key: "budgets.day", value: null, origin: "default" },
      ],
    };
    await bench.type("config");
    await bench.type("config", "show", "hours");
    await bench.type("config", "show", "hour");
    await bench.type("config", "get", "hours.time_zone");
    await bench.type("config", "get", "attempts.parallel_max", "--json");
    await bench.type("config", "get", "nonsense");
    await bench.type("config", "set", "attempts.parallel_max", "4");
    await bench.type("config", "set", "nonsense", "4");
    await bench.type("config", "validate");
    await bench.type("config", "path");
    await bench.matches("config");
  });

  test("that are not sound are named, all at once", async () => {
    await using bench = await setup();
    const problems = [
      "config.yaml:2: hours.nigth_start: no such setting",
      "config.yaml:9: \u001b[2Jevil",
    ];
    bench.world.settings = { ok: false, problems };
    await bench.type("config", "validate");
    await bench.type("config", "validate", "--json");
    await bench.type("config", "get", "x");
    await bench.matches("config-not-sound");
  });
});

describe("daemon", () => {
  test("start, stop and status say what came of it", async () => {
    await using bench = await setup();
    await bench.type("daemon", "start");
    bench.world.daemonStart = { type: "already-running", pid: 4242 };
    await bench.type("daemon", "start");
    bench.world.daemonStart = {
      type: "failed",
      message: "The daemon did not start: the disk is full.",
    };
    await bench.type("daemon", "start");
    await bench.type("daemon", "stop");
    bench.world.daemonStop = { type: "ending", pid: 4242 };
    await bench.type("daemon", "stop");
    bench.world.daemonStop = { type: "not-running" };
    await bench.type("daemon", "stop", "--now");
    await bench.type("daemon", "status");
    await bench.daemon();
    await bench.type("daemon", "status");
    expect(await bench.told("daemon", "run")).toBe("");
    await bench.matches("daemon");
  });
});

describe("care", () => {
  test("db backup, check and vacuum", async () => {
    await using bench = await setup();
    await bench.type("db", "check");
    await bench.type("db", "check", "--json");
    await bench.type("db", "vacuum");
    await bench.matches("db");
  });

  test("doctor shows its findings and ends with the code of the first problem", async () => {
    await using bench = await setup();
    const ok: Finding = {
      area: "machine",
      name: "Node",
      status: "ok",
      detail: "24.21.0",
      advice: null,
    };
    const login: Finding = {
      area: "login",
      name: "claude-code",
      status: "problem",
      detail: "not logged in",
      advice: "Run `claude auth login`.",
    };
    const disk: Finding = {
      area: "machine",
      name: "Disk",
      status: "warning",
      detail: "2 GB free",
      advice: "Free some.",
    };
    bench.world.findings = [ok, disk];
    await bench.type("doctor");
    bench.world.findings = [ok, login, disk];
    await bench.type("health");
    await bench.type("doctor", "--json=name,status");
    await bench.matches("doctor");
  });

  test("init takes the default where nobody can be asked, and never writes over a config", async () => {
    await using bench = await setup();
    bench.world.exists = false;
    bench.world.findings = [
      { area: "login", name: "claude-code", status: "ok", detail: "logged in", advice: null },
    ];
    await bench.type("init");
    await bench.type("init");
    await bench.type("init", "--force", "--home", "/data/my night");
    await bench.type("init", "--json");
    await bench.matches("init");
  });

  test("init asks the person at the terminal where to keep things", async () => {
    await using bench = await setup();
    bench.world.exists = false;
    bench.world.answers = ["/data/night"];
    await bench.type("init");
    bench.world.answers = [];
    await bench.type("init");
    await bench.matches("init-asks");
  });
});
