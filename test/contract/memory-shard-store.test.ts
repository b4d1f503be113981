import { makeMemoryFixture } from './memory-shard-fixture.ts'
import { describeShardRegistry } from './shard-registry.contract.ts'
import { describeShardTables } from './shard-tables.contract.ts'

describeShardRegistry(makeMemoryFixture)
describeShardTables(makeMemoryFixture)
