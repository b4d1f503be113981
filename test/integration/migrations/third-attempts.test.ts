import { thirdAttempts, thirdCode } from '../../helpers/migrations/third-attempts.ts'
import { tryAttempts } from '../../helpers/migrations/try-attempts.ts'
import { withStages } from '../../helpers/tool/stage.ts'

tryAttempts(withStages(), { sql: thirdAttempts, code: thirdCode, choosing: [], neighbors: [] })
