import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { describeInfluxdb, withInfluxdb } from '../helpers/influxdb/influxdb-server.ts'
import { metricsDeclaration, openInfluxSession } from '../helpers/influxdb/influxdb-session.ts'
import { describeSetupLock } from './setup-lock.contract.ts'

describeInfluxdb('the lock of setup in InfluxDB', () => {
  const server = withInfluxdb()
  const folder = mkdtempSync(join(tmpdir(), 'wwdb-influxdb-lock-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const first = metricsDeclaration(folder)
  const rule = { seconds: 86_400, shardGroupSeconds: 3600 }
  const more = { ...first, buckets: [...first.buckets, { name: 'metrics_more', description: null, rule }] }

  describeSetupLock(() => ({
    open: (declared, lease) =>
      openInfluxSession(server(), {
        declaration: declared === 'first' ? first : more,
        ...(lease === undefined ? {} : { lease }),
      }),
  }))
})
