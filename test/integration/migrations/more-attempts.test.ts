import {
  choosingCodeMore,
  choosingMore,
  moreAttempts,
  moreCode,
  neighborsMore,
} from '../../helpers/migrations/more-attempts.ts'
import { tryAttempts } from '../../helpers/migrations/try-attempts.ts'
import { withStages } from '../../helpers/tool/stage.ts'

tryAttempts(withStages(), {
  sql: moreAttempts,
  code: moreCode,
  choosing: choosingMore,
  choosingCode: choosingCodeMore,
  neighbors: neighborsMore,
})
