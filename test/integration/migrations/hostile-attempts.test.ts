import { attempts, choosing, codeAttempts, neighbors } from '../../helpers/migrations/hostile-attempts.ts'
import { tryAttempts } from '../../helpers/migrations/try-attempts.ts'
import { withStages } from '../../helpers/tool/stage.ts'

tryAttempts(withStages(), { sql: attempts, code: codeAttempts, choosing, neighbors })
