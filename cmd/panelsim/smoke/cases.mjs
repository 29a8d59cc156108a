// What the tests of both clients share: where the Panel is, and two kinds of cases.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const fromEnvironment = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests by "go test ./cmd/panelsim", with PTERO_SMOKE=1`);
  return value;
};

export const panel = {
  url: fromEnvironment('PANEL_URL'),
  userKey: fromEnvironment('PANEL_USER_KEY'),
  applicationKey: fromEnvironment('PANEL_APPLICATION_KEY'),
};

const timeout = 20_000; // milliseconds; nothing here may hang

/** A call that must do what its client promises. */
export const works = (name, call) => test(name, { timeout }, call);

/**
 * Cases of one client that fail for a fault of the client itself, against a real Panel too. They must go on failing in
 * that way, and README.md must list them.
 */
export const faultsOf = (client) => {
  const names = [];
  return {
    fails(name, seen, call) {
      names.push(name);
      test(`${name}, by a fault of the client`, { timeout }, async () => assert.rejects(call, seen));
    },
    areListed() {
      test('README.md lists these faults and no others', () => {
        const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');
        const listed = [...readme.matchAll(/^\| ([^|]+) \| ([^|]+) \| /gm)].filter((row) => row[1] === client).map((row) => row[2]);
        assert.deepEqual(listed.sort(), names.map((name) => '`' + name + '`').sort());
      });
    },
  };
};

/** Asks until the answer is the wanted one, and fails with the last one. */
export const until = async (ask, want) => {
  let got;
  for (const end = Date.now() + 10_000; Date.now() < end; await new Promise((done) => setTimeout(done, 50))) {
    got = await ask();
    if (got === want) return;
  }
  assert.equal(got, want);
};

/** Waits until Wings takes the next power signal: for a moment after a server went offline it loses one. */
export const rested = () => new Promise((done) => setTimeout(done, 200));
