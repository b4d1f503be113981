// One process that archives one table: what `wwdb rotate run` does at that step, without the rest of it.
import { createRequire } from 'node:module'
import { argv } from 'node:process'

const [bundle, request] = argv.slice(2)
const { createArchivePort } = createRequire(import.meta.url)(bundle)
const { directory, database, table } = JSON.parse(request)
const archive = createArchivePort({ directory, toolVersion: 'bench', now: Date.now })
const shard = { family: 'messages', key: '2026-01', table, from: null, to: null, templateVersion: 1 }
const timeouts = { connect: 10_000, lockWait: 3000 }
await archive.write({ database, timeouts, table, shard }, () => undefined)
