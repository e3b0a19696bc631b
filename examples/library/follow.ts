import { connect } from 'syncline';

const client = await connect(); // TEMPORAL_* and SYNCLINE_BUNDLES say where
const handle = client.handle('shop', { cluster: 'prod' });
for await (const event of handle.watch()) {
  if (event.kind === 'hook') console.log(event.hook.ref.name, event.hook.state);
}
await client.close();
