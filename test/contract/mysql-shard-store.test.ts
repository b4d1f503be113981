import { describe } from 'vitest'
import { makeMysqlPlace } from './mysql-shard-place.ts'
import { describeShardStore } from './shard-store.contract.ts'

describe.each(['9.7', '8.0'] as const)('on MySQL %s', (version) => {
  describeShardStore(() => makeMysqlPlace(version))
})
