import { makeMemoryPlace } from './memory-shard-place.ts'
import { describeShardStore } from './shard-store.contract.ts'

describeShardStore(makeMemoryPlace)
