import type { AdoptTool } from './contract.ts'
import { flyway } from './tools/flyway.ts'
import { golangMigrate } from './tools/golang-migrate.ts'

/** The tools that `wwdb adopt` knows, a line each. */
export const adoptTools: readonly AdoptTool[] = [flyway, golangMigrate]
