import type { AdoptTool } from './contract.ts'
import { alembic, knex, sequelize, typeorm, umzug } from './tools/code-tools.ts'
import { dbmate } from './tools/dbmate.ts'
import { drizzle } from './tools/drizzle.ts'
import { flyway } from './tools/flyway.ts'
import { golangMigrate } from './tools/golang-migrate.ts'
import { goose } from './tools/goose.ts'
import { liquibase } from './tools/liquibase.ts'
import { plainFiles } from './tools/plain-files.ts'
import { pop } from './tools/pop.ts'
import { prisma } from './tools/prisma.ts'

/** The tools that `wwdb adopt` knows, one per line. */
export const adoptTools: readonly AdoptTool[] = [
  flyway,
  liquibase,
  golangMigrate,
  goose,
  dbmate,
  prisma,
  drizzle,
  pop,
  plainFiles,
  knex,
  umzug,
  sequelize,
  typeorm,
  alembic,
]
