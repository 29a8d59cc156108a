import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { NodeBuilder, PteroApp, PteroClient, ServerBuilder, UserBuilder } from '@devnote-dev/pterojs';
import { faultsOf, panel, rested, until, works } from './cases.mjs';

const client = new PteroClient(panel.url, panel.userKey);
const app = new PteroApp(panel.url, panel.applicationKey);
const { fails, areListed } = faultsOf('pterojs');
after(() => client.disconnect());

let lobby; // a server that runs

// The Client API

works('account', async () => {
  const account = await client.account.fetch();
  assert.equal(account.username, 'user');
  assert.equal(account.isAdmin, false);
  assert.equal(account.email, 'user@example.org');
});

works('account: e-mail and password', async () => {
  await client.account.updateEmail('uma@example.org', 'password');
  assert.equal((await client.account.fetch()).email, 'uma@example.org');
  await assert.rejects(client.account.updateEmail('other@example.org', 'wrong'), /password/);
  await client.account.updatePassword('password', 'another password');
  await client.account.updatePassword('another password', 'password');
});

works('account: keys', async () => {
  const key = await client.account.createKey('smoke');
  assert.match(key.token, /^\w{32}$/);
  assert.ok((await client.account.fetchKeys()).some((k) => k.identifier === key.identifier && k.description === 'smoke'));
  await client.account.deleteKey(key.identifier);
  assert.ok(!(await client.account.fetchKeys()).some((k) => k.identifier === key.identifier));
});

works('account: SSH keys', async () => {
  const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICLl0iAqLa3oCrEU6aHEDvicf9DjV6atpGb2Wb6YWWp9 smoke';
  const key = await client.account.createSSHKey('smoke', publicKey);
  assert.equal((await client.account.fetchSSHKeys()).length, 1);
  await client.account.removeSSHKey(key.fingerprint);
  assert.equal((await client.account.fetchSSHKeys()).length, 0);
});

works('account: activity', async () => {
  const activity = await client.account.fetchActivities();
  assert.ok(activity.some((a) => a.event === 'user:ssh-key.create'), `events: ${activity.map((a) => a.event)}`);
});

works('account: the code for a second factor', async () => {
  assert.match(await client.account.get2FACode(), /^otpauth:\/\/totp\//);
});

fails('account.enable2FA', /422: The password field is required/, () => client.account.enable2FA('123456'));

works('permissions', async () => {
  assert.ok((await client.fetchPermissions()).control.keys.console);
});

works('servers: list', async () => {
  const servers = await client.servers.fetch();
  assert.deepEqual(servers.map((s) => s.name).sort(), ['installing', 'lobby', 'survival', 'suspended']);
  lobby = servers.find((s) => s.name === 'lobby');
});

works('servers: all pages', async () => {
  assert.equal((await client.servers.fetch({ perPage: 2, page: 2 })).size, 2);
});

works('servers: get', async () => {
  const got = await client.servers.fetch(lobby.identifier, { force: true });
  assert.equal(got.uuid, lobby.uuid);
  assert.equal(got.limits.memory, 1024);
  assert.equal(got.featureLimits.backups, 3);
});

fails('server.isOwner', (err) => err.actual === undefined, async () => assert.equal(lobby.isOwner, true));

works('servers: resources', async () => {
  const { currentState, resources } = await lobby.fetchResources();
  assert.equal(currentState, 'running');
  assert.ok(resources.memoryBytes > 0);
});

works('servers: a suspended one refuses', async () => {
  const suspended = client.servers.cache.find((s) => s.name === 'suspended');
  await assert.rejects(suspended.fetchResources(), { codes: ['ServerStateConflictException'] });
});

works('servers: rename', async () => {
  await lobby.rename('entrance');
  assert.equal((await client.servers.fetch(lobby.identifier, { force: true })).name, 'entrance');
});

works('startup', async () => {
  const startup = await lobby.fetchStartup();
  assert.ok(startup.variables.some((v) => v.envVariable === 'VERSION'));
  assert.equal((await lobby.setVariable('VERSION', '1.21.4')).serverValue, '1.21.4');
  await assert.rejects(lobby.setVariable('BUILD', '8'), /400: The environment variable you are trying to edit is read-only/);
});

works('docker image', async () => {
  const { dockerImages } = await lobby.fetchStartup();
  await lobby.setDockerImage(Object.values(dockerImages).find((image) => image.endsWith('java_17')));
  assert.equal((await client.servers.fetch(lobby.identifier, { force: true })).dockerImage, 'ghcr.io/example/yolks:java_17');
});

works('files: list', async () => {
  const files = await lobby.files.fetch('/');
  const properties = files.get('server.properties');
  assert.equal(properties.isFile, true);
  assert.equal(properties.mimetype, 'text/plain; charset=utf-8');
  assert.equal(files.get('logs').isFile, false);
});

works('files: read and write', async () => {
  assert.match(await lobby.files.getContents('/server.properties'), /^motd=Hello\n/);
  await lobby.files.write('/notes/größe & co.txt', 'Zoë\n');
  assert.equal(await lobby.files.getContents('/notes/größe & co.txt'), 'Zoë\n');
});

works('files: download', async () => {
  const place = join(mkdtempSync(join(tmpdir(), 'pterojs-')), 'server.properties');
  await lobby.files.download('/server.properties', place);
  assert.match(readFileSync(place, 'utf8'), /^motd=Hello\n/);
});

works('files: upload by a signed URL', async () => {
  const form = new FormData();
  form.append('files', new Blob(['uploaded']), 'upload.txt');
  const address = await lobby.files.getUploadURL('/');
  const { status } = await fetch(address + '&directory=/', { method: 'POST', body: form });
  assert.equal(status, 200);
  assert.equal(await lobby.files.getContents('/upload.txt'), 'uploaded');
});

works('files: folders, copies, names, modes', async () => {
  await lobby.files.createFolder('/', 'made');
  await lobby.files.copy('/server.properties');
  await lobby.files.rename('/', [{ from: 'server copy.properties', to: 'made/copy.properties' }]);
  await lobby.files.chmod('/made', [{ file: 'copy.properties', mode: '600' }]); // its types want a number, see below
  assert.equal((await lobby.files.fetch('/made')).get('copy.properties').mode, '-rw-------');
});

fails('files.chmod', /400: .*Invalid file mode/, () => lobby.files.chmod('/made', [{ file: 'copy.properties', mode: 0o600 }]));

works('files: archives', async () => {
  const archive = await lobby.files.compress('/', ['made']);
  await lobby.files.delete('/', ['made']);
  assert.equal((await lobby.files.fetch('/')).has('made'), false);
  await lobby.files.decompress('/', archive.name);
  assert.equal((await lobby.files.fetch('/made')).has('copy.properties'), true);
});

let opened;
/** Opens the console of the lobby, once. */
const connected = async () => {
  if (opened) return opened;
  client.ws.useOrigin = true;
  opened = client.addSocketServer(lobby.identifier);
  const ready = happens(opened, 'authSuccess');
  await opened.connect();
  await ready;
  return opened;
};

/** Waits for an event of the console, one that is as wanted. */
const happens = (shard, event, wanted = () => true) =>
  new Promise((done) => {
    const look = (value) => {
      if (!wanted(value)) return;
      shard.off(event, look);
      done(value);
    };
    shard.on(event, look);
  });

works('power', async () => {
  const shard = await connected();
  for (const [signal, state] of [['stop', 'offline'], ['start', 'running'], ['kill', 'offline'], ['start', 'running']]) {
    const reached = happens(shard, 'statusUpdate', (s) => s === state);
    await lobby.setPowerState(signal);
    await reached;
    await rested();
  }
});

works('command', async () => {
  const answer = happens(await connected(), 'serverOutput', (line) => line.includes('There are 0 of a max of 20 players online'));
  await lobby.sendCommand('list');
  await answer;
});

works('console: log, command, statistics', async () => {
  const shard = await connected();
  assert.ok((await shard.request('sendLogs')).length > 0);
  const answer = happens(shard, 'serverOutput', (line) => line.includes('help, list, say, stop'));
  await shard.request('sendCommand', 'help');
  await answer;
  assert.equal((await shard.request('sendStats')).state, 'running');
  await happens(shard, 'statsUpdate', (stats) => stats.memoryLimitBytes > 1024 * 2 ** 20); // 0 in the first second
});

works('console: power', async () => {
  const shard = await connected();
  const states = [];
  const running = happens(shard, 'statusUpdate', (state) => states.push(state) && state === 'running');
  shard.send('set state', ['restart']);
  await running;
  assert.deepEqual(states, ['stopping', 'offline', 'starting', 'running']);
});

works('console: a renewed token', async () => {
  const shard = await connected();
  const success = happens(shard, 'authSuccess');
  await shard.refresh();
  await success;
});

works('databases', async () => {
  const made = await lobby.databases.create('smoke', '%');
  assert.match(made.name, /smoke$/);
  assert.equal((await lobby.databases.fetch({ include: ['password'] })).size, 1);
  const rotated = await lobby.databases.rotate(made.id);
  assert.ok(rotated.relationships.password.attributes.password);
  await lobby.databases.delete(made.id);
  assert.equal((await lobby.databases.fetch()).size, 0);
});

works('backups', async () => {
  const made = await lobby.backups.create({ name: 'smoke' });
  await until(async () => (await lobby.backups.fetch(made.uuid, { force: true })).successful, true);
  assert.equal((await lobby.backups.toggleLock(made.uuid)).locked, true);
  assert.equal((await lobby.backups.toggleLock(made.uuid)).locked, false);
  const { status } = await fetch(await lobby.backups.getDownloadURL(made.uuid));
  assert.equal(status, 200);
  await lobby.backups.delete(made.uuid);
  assert.equal((await lobby.backups.fetch()).size, 0);
});

works('network', async () => {
  const [primary] = (await lobby.network.fetch()).filter((a) => a.isDefault).values();
  assert.equal(primary.port, 25565);
  await lobby.network.setPrimary(primary.id);
});

works('schedules', async () => {
  const made = await client.schedules.create(lobby.identifier, { name: 'smoke', active: true, minute: '*/5', hour: '*', month: '*' });
  assert.equal(made.cron.minute, '*/5');
  const task = await made.createTask('command', 'say hi', 0);
  assert.equal(task.payload, 'say hi');
  await made.updateTask(task.id, { action: 'command', payload: 'say ho', offset: 0 });
  await made.execute();
  await made.deleteTask(task.id);
  await client.schedules.delete(lobby.identifier, made.id);
  assert.equal((await client.schedules.fetch(lobby.identifier)).has(made.id), false);
});

works('subusers', async () => {
  const made = await lobby.users.add('friend@example.org', ['control.console', 'file.read']);
  assert.deepEqual(made.permissions.value.sort(), ['control.console', 'file.read', 'websocket.connect']);
  await made.setPermissions('control.start');
  assert.ok((await lobby.users.fetch()).get(made.uuid).permissions.hasAny('control.start'));
  await lobby.users.remove(made.uuid);
});

fails('network.setNote', (err) => err.actual === null, async () => {
  const [allocation] = (await lobby.network.fetch()).values();
  assert.equal((await lobby.network.setNote(allocation.id, 'the front door')).notes, 'the front door');
});

fails('schedules.update', /405: The PATCH method is not supported/, async () => {
  const [nightly] = (await client.schedules.fetch(lobby.identifier)).values();
  await nightly.update({ name: 'daily' });
});

fails('account.disable2FA', /405: The DELETE method is not supported/, () => client.account.disable2FA('password'));

works('reinstall', async () => {
  const shard = await connected();
  const installed = happens(shard, 'installComplete');
  await lobby.reinstall();
  await installed;
});

// The Application API

works('application: users', async () => {
  const made = await app.users.create(
    new UserBuilder().setUsername('smoke').setEmail('smoke@example.org').setFirstname('Smoke').setLastname('Test').setExternalId('s-1').build(),
  );
  assert.equal((await app.users.fetch(made.id, { force: true })).email, 'smoke@example.org');
  assert.equal((await app.users.fetch('s-1', { force: true })).id, made.id);
  assert.equal((await app.users.query('smoke@example.org', { filter: 'email' })).size, 1);
  assert.equal((await app.users.update(made.id, { firstname: 'Smoky' })).firstname, 'Smoky');
  assert.equal((await app.users.fetch({ include: ['servers'] })).size, 5);
  await app.users.delete(made.id);
  await assert.rejects(app.users.fetch(made.id, { force: true }), { codes: ['NotFoundHttpException'] });
});

works('application: locations', async () => {
  const made = await app.locations.create('away', 'Far away');
  assert.equal((await app.locations.update(made.id, { short: 'gone', long: 'Gone' })).short, 'gone');
  assert.ok((await app.locations.fetch()).has(made.id));
  await app.locations.delete(made.id);
});

let madeNode;
works('application: nodes', async () => {
  madeNode = await app.nodes.create(
    new NodeBuilder().setName('smoke').setLocationId(1).setFQDN('127.0.0.1').setScheme('http').setMemory(1024, 0).setDisk(2048, 0).setDaemonSFTP(2022).setDaemonListen(8080).setUploadSize(100).build(),
  );
  assert.equal((await app.nodes.fetch(madeNode.id, { force: true })).name, 'smoke');
  assert.equal((await app.nodes.fetch()).size, 3);
  assert.ok((await app.nodes.getConfig(madeNode.id)).token);
  assert.ok((await app.nodes.fetchDeployable({ memory: 512, disk: 512 })).size >= 1);
});

works('application: allocations', async () => {
  await app.allocations.create(madeNode.id, '127.0.0.1', ['27000-27002']);
  const made = await app.allocations.fetch(madeNode.id, { force: true });
  assert.equal(made.size, 3);
  assert.equal((await app.allocations.fetchAvailable(madeNode.id, true)).port, 27000);
  for (const id of made.keys()) await app.allocations.delete(madeNode.id, id);
});

fails('nodes.update', /Maximum call stack size exceeded/, async () => assert.equal((await app.nodes.update(madeNode.id, { name: 'renamed' })).name, 'renamed'));

works('application: deleting a node', async () => {
  await app.nodes.delete(madeNode.id);
});

works('application: nests and eggs', async () => {
  assert.equal((await app.nests.fetch()).first().name, 'Games');
  const eggs = await app.nests.eggs.fetch(1);
  assert.deepEqual(eggs.map((e) => e.name), ['Blocks', 'Shell']);
});

works('application: servers', async () => {
  const egg = await app.nests.eggs.fetch(1, 2);
  const made = await app.servers.create(
    new ServerBuilder().setName('smoke').setUser(2).setEgg(egg).setVariable('GREETING', 'hi').setDeployment({ locations: [1], portRange: ['25565-25580'] }).setExternalId('smoke-1').build(),
  );
  assert.equal(made.name, 'smoke');
  assert.equal((await app.servers.fetch('smoke-1', { force: true })).id, made.id);
  assert.equal((await app.servers.query('smoke', { filter: 'name' })).size, 1);
  assert.equal((await app.servers.updateDetails(made.id, { name: 'smokier' })).name, 'smokier');
  assert.equal((await app.servers.updateBuild(made.id, { limits: { memory: 256 } })).limits.memory, 256);
  assert.equal((await app.servers.updateStartup(made.id, { environment: { GREETING: 'ho' } })).container.environment.GREETING, 'ho');
  await app.servers.suspend(made.id);
  assert.equal((await app.servers.fetch(made.id, { force: true })).suspended, true);
  await app.servers.unsuspend(made.id);
  await app.servers.reinstall(made.id);
  await app.servers.delete(made.id, true);
  assert.equal((await app.servers.fetch()).size, 5);
});

fails('application databases.fetch', (err) => err.actual === 0 && err.expected === 1, async () => {
  const { databases } = await app.servers.fetch(2, { force: true });
  const made = await databases.create('listed', '%', 1);
  const { size } = await databases.fetch();
  await databases.delete(made.id);
  assert.equal(size, 1);
});

works('application: databases of a server', async () => {
  const { databases } = await app.servers.fetch(2, { force: true });
  const made = await databases.create('smoke', '%', 1);
  await databases.resetPasword(made.id);
  assert.equal((await databases.fetch(made.id, { force: true })).id, made.id);
  await databases.delete(made.id);
});

fails('console: throttled', /received unknown event 'throttled'/, async () => {
  const shard = await connected();
  const failure = new Promise((done) => shard.on('error', done)); // without a listener the program would end
  for (let i = 0; i < 40; i++) shard.send('send stats');
  throw new Error(await failure);
});

areListed();
