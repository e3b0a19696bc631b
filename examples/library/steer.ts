import { connectServer } from 'syncline';

const client = connectServer({
  url: 'https://syncline.example.com',
  token: process.env['SYNCLINE_TOKEN'] ?? '',
});
const handle = client.handle('shop', { cluster: 'prod' });
const { status, result } = await handle.status();
if (result?.outcome === 'Failed') {
  const log = await handle.logs('db-migrate');
  console.log(log.live ? log.state : log.message);
  const resumed = await handle.retry({ by: 'ann', reason: 'the disk was full' });
  console.log((await resumed.result()).outcome);
}
const { entries } = await client.history('shop', { cluster: 'prod' });
console.log(status.revision, entries.length);
await client.close();
