import { makeMemoryPlace } from './memory-shard-place.ts'
import { describeShardRegistry } from './shard-registry.contract.ts'
import { describeShardTables } from './shard-tables.contract.ts'

describeShardRegistry(makeMemoryPlace)
describeShardTables(makeMemoryPlace)
