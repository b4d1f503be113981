import { archive } from './archive.mjs'
import { batches } from './batches.mjs'
import { createTables } from './create-tables.mjs'
import { fanOut } from './fan-out.mjs'
import { fiveDatabases } from './five-databases.mjs'
import { measureAll } from './harness.mjs'
import { help } from './help.mjs'
import { idle } from './idle.mjs'
import { insertFiles } from './insert-files.mjs'
import { lint } from './lint.mjs'
import { manyTables } from './many-tables.mjs'
import { memory } from './memory.mjs'
import { comparePeers } from './peers.mjs'
import { provisionClone, provisionIdleReset, provisionReset } from './provision.mjs'
import { schema } from './schema.mjs'
import { shardsCreate } from './shards-create.mjs'
import { shardsIdle } from './shards-idle.mjs'
import { tenantsIdle } from './tenants-idle.mjs'

const measures = [
  createTables,
  fiveDatabases,
  insertFiles,
  batches,
  idle,
  help,
  memory,
  schema,
  lint,
  archive,
  shardsCreate,
  fanOut,
  shardsIdle,
  tenantsIdle,
  provisionClone,
  provisionReset,
  provisionIdleReset,
  manyTables,
]

await (process.argv.includes('--peers') ? comparePeers() : measureAll(measures))
