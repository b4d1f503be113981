import { describe } from 'vitest'
import { makeMysqlFixture } from './mysql-shard-fixture.ts'
import { describeShardRegistry } from './shard-registry.contract.ts'
import { describeShardTables } from './shard-tables.contract.ts'

describe.each(['9.7', '8.0'] as const)('on MySQL %s', (version) => {
  describeShardRegistry(() => makeMysqlFixture(version))
  describeShardTables(() => makeMysqlFixture(version))
})
