import assert from 'node:assert/strict';
import nodeactyl from 'nodeactyl';
import { faultsOf, panel, rested, until, works } from './cases.mjs';

const client = new nodeactyl.NodeactylClient(panel.url, panel.userKey);
const app = new nodeactyl.NodeactylApplication(panel.url, panel.applicationKey);
const { fails, areListed } = faultsOf('nodeactyl');

let lobby; // the identifier of a server that runs

// The Client API. A refusal is the status alone, as a number.

works('account', async () => {
  const account = await client.getAccountDetails();
  assert.equal(account.username, 'user');
  assert.equal(account.admin, false);
  assert.ok((await client.getAccountPermissions()).permissions.control.keys.console);
});

works('account: e-mail and password', async () => {
  await client.updateEmail('uma@example.org', 'password');
  assert.equal((await client.getAccountDetails()).email, 'uma@example.org');
  await client.updatePassword('another password', 'password');
  await client.updatePassword('password', 'another password');
});

fails('updateEmail', /Missing expected rejection/, () => silently(() => assert.rejects(client.updateEmail('other@example.org', 'wrong'))));

/** Calls what prints its errors, the key in them included. */
const silently = async (call) => {
  const { log } = console;
  console.log = () => {};
  try {
    return await call();
  } finally {
    console.log = log;
  }
};

works('account: keys', async () => {
  const { attributes, meta } = await client.createApiKey('smoke');
  assert.match(meta.secret_token, /^\w{32}$/);
  assert.ok((await client.getApiKeys()).some((k) => k.attributes.identifier === attributes.identifier));
  await client.deleteApiKey(attributes.identifier);
  assert.ok(!(await client.getApiKeys()).some((k) => k.attributes.identifier === attributes.identifier));
});

works('servers: list', async () => {
  const { data, meta } = await client.getAllServers();
  assert.equal(meta.pagination.total, 4);
  lobby = data.find((s) => s.attributes.name === 'lobby').attributes.identifier;
  assert.equal((await client.getServerPage(1)).length, 4);
  assert.equal((await client.getServerPage(2)).length, 0);
});

works('servers: get', async () => {
  const server = await client.getServerDetails(lobby);
  assert.equal(server.name, 'lobby');
  assert.equal(server.limits.memory, 1024);
  await assert.rejects(client.getServerDetails('00000000'), (status) => status === 404);
});

works('servers: state and usage', async () => {
  assert.equal(await client.getServerStatus(lobby), 'running');
  assert.ok((await client.getServerUsages(lobby)).resources.disk_bytes > 0);
});

works('servers: rename', async () => {
  await client.renameServer(lobby, 'entrance');
  assert.equal((await client.getServerDetails(lobby)).name, 'entrance');
});

works('startup', async () => {
  assert.ok((await client.getServerStartup(lobby)).data.some((v) => v.attributes.env_variable === 'VERSION'));
  assert.equal((await client.setServerStartup(lobby, 'VERSION', '1.21.4')).attributes.server_value, '1.21.4');
});

fails('setServerStartup', (err) => Number.isNaN(err), () => silently(() => client.setServerStartup(lobby, 'BUILD', '8')));

works('console, by the WebSocket of Node', async () => {
  const terminal = await consoleOf(lobby);
  terminal.send('send logs');
  await terminal.receives('console output', /Done/);
  const answer = terminal.receives('console output', /help, list, say, stop/);
  terminal.send('send command', 'help');
  await answer;
  terminal.close();
});

works('power', async () => {
  const terminal = await consoleOf(lobby);
  for (const [call, state] of [['stopServer', 'offline'], ['startServer', 'running'], ['restartServer', 'running'], ['killServer', 'offline'], ['startServer', 'running']]) {
    const reached = terminal.receives('status', new RegExp(`^${state}$`));
    await client[call](lobby);
    await reached;
    await rested();
  }
  terminal.close();
});

works('command', async () => {
  const terminal = await consoleOf(lobby);
  const answer = terminal.receives('console output', /There are 0 of a max of 20 players online/);
  await client.sendServerCommand(lobby, 'list');
  await answer;
  terminal.close();
});

/** Opens a console; nodeactyl only fetches the credentials. */
const consoleOf = async (server) => {
  const { socket, token } = await client.getConsoleWebSocket(server);
  const { WebSocket } = await import('ws');
  const connection = new WebSocket(socket, { origin: panel.url });
  const waiting = new Set();
  connection.on('message', (message) => {
    const { event, args = [] } = JSON.parse(message);
    for (const wanted of waiting) if (wanted.event === event && wanted.pattern.test(args.join())) wanted.done();
  });
  const receives = (event, pattern = /(?:)/) => {
    let wanted;
    return new Promise((done) => waiting.add((wanted = { event, pattern, done }))).finally(() => waiting.delete(wanted));
  };
  const send = (event, ...args) => connection.send(JSON.stringify({ event, args }));
  await new Promise((opened, failed) => connection.on('open', opened).on('error', failed));
  const success = receives('auth success');
  send('auth', token);
  await success;
  return { send, receives, close: () => connection.close() };
};

works('backups', async () => {
  const { uuid } = await client.createServerBackup(lobby);
  await until(async () => (await client.getBackupDetails(lobby, uuid)).is_successful, true);
  assert.equal((await client.listServerBackups(lobby)).length, 1);
  const { url } = await client.getBackupDownload(lobby, uuid);
  assert.equal((await fetch(url)).status, 200);
  await client.deleteBackup(lobby, uuid);
  assert.equal((await client.listServerBackups(lobby)).length, 0);
});

works('subusers', async () => {
  const made = await client.createSubUser(lobby, 'friend@example.org', ['control.console']);
  assert.deepEqual(made.permissions.sort(), ['control.console', 'websocket.connect']);
  assert.equal((await client.getSubUsers(lobby)).length, 2);
});

works('reinstall', async () => {
  await client.reInstallServer(lobby);
  await until(async () => (await client.getServerDetails(lobby)).status, null);
});

// The Application API

works('application: users', async () => {
  const { attributes: made } = await app.createUser('smoke@example.org', 'smoke', 'Smoke', 'Test');
  assert.equal((await app.getUserDetails(made.id)).attributes.email, 'smoke@example.org');
  assert.equal((await app.getUserByUsername('smoke')).attributes.id, made.id);
  assert.equal((await app.getUserByEmail('smoke@example.org')).attributes.id, made.id);
  await app.updateUserDetails(made.id, 'smoke@example.org', 'smoke', 'Smoky', 'Test', 'en');
  assert.equal((await app.getUserDetails(made.id)).attributes.first_name, 'Smoky');
  assert.equal((await app.getAllUsers()).meta.pagination.total, 5);
  assert.equal((await app.getUserPage(1)).data.length, 5);
  await app.deleteUser(made.id);
  await assert.rejects(app.getUserDetails(made.id), (status) => status === 404);
});

works('application: locations', async () => {
  const { attributes: made } = await app.createLocation('away', 'Far away');
  await app.updateLocationDetails(made.id, 'gone', 'Gone');
  assert.equal((await app.getLocationDetails(made.id)).short, 'gone');
  assert.equal((await app.getAllLocations()).data.length, 2);
  await app.deleteLocation(made.id);
});

works('application: nodes and allocations', async () => {
  const { attributes: made } = await app.createNode('smoke', 1, 'localhost', 1024, 2048);
  // Nothing runs on the new node, so the Panel stores the change, but says that it could not tell the node.
  const update = app.updateNodeDetails(made.id, 'renamed', '', 1, 'localhost', 'http', false, false, 1024, 0, 2048, 0, 100, 2022, 8080);
  await assert.rejects(update, (status) => status === 400);
  assert.equal((await app.getNodeDetails(made.id)).name, 'renamed');
  assert.ok((await app.getNodeConfig(made.id)).token);
  await app.createNodeAllocations(made.id, '127.0.0.1', ['27000-27001']);
  const allocations = await app.getNodeAllocations(made.id);
  assert.equal(allocations.data.length, 2);
  for (const { attributes } of allocations.data) await app.deleteNodeAllocation(made.id, attributes.id);
  await app.deleteNode(made.id);
  assert.equal((await app.getAllNodes()).data.length, 2);
});

works('application: servers', async () => {
  const builder = new nodeactyl.ServerBuilder()
    .setServerName('smoke').setServerOwner(2).setServerEgg(2).setServerDockerImage('ghcr.io/example/yolks:debian').setServerStartup('sh run.sh "{{GREETING}}"')
    .setServerEnvironmentJson({ GREETING: 'hi' }).setServerPortRange(['25565-25580']);
  const { attributes: made } = await builder.createServer(app);
  assert.equal((await app.getServerDetails(made.id)).name, 'smoke');
  await app.updateServerDetails(made.id, 'smokier', 2, 'smoke-1', 'A test.');
  await app.updateServerBuild(made.id, made.allocation, 256, 0, 500, 100, 1024, null, 1, 1, 1);
  await app.updateServerStartup(made.id, 'sh run.sh "{{GREETING}}"', { GREETING: 'ho' }, 2, 'ghcr.io/example/yolks:debian', false);
  const changed = await app.getServerDetails(made.id);
  assert.equal(changed.name, 'smokier');
  assert.equal(changed.limits.memory, 256);
  assert.equal(changed.container.environment.GREETING, 'ho');
  await app.suspendServer(made.id);
  assert.equal((await app.getServerDetails(made.id)).suspended, true);
  await app.unsuspendServer(made.id);
  await app.reinstallServer(made.id);
  assert.equal((await app.getAllServers()).meta.pagination.total, 6);
  await app.deleteServer(made.id);
  assert.equal((await app.getServerPage(1)).length, 5);
});

areListed();
