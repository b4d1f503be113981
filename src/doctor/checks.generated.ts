// Made by `npm run generate` from src/doctor/checks; do not edit.
import type { Check } from './check.ts'
import { accountChecks } from './checks/accounts.ts'
import { capacityChecks } from './checks/capacity.ts'
import { configurationChecks } from './checks/configuration.ts'
import { connectionChecks } from './checks/connection.ts'
import { definerChecks } from './checks/definers.ts'
import { fileChecks } from './checks/files.ts'
import { loggingChecks } from './checks/logging.ts'
import { onlineChecks } from './checks/online.ts'
import { replicationChecks } from './checks/replication.ts'
import { retireChecks } from './checks/retire.ts'
import { runChecks } from './checks/runs.ts'
import { safetyChecks } from './checks/safety.ts'
import { settingChecks } from './checks/settings.ts'
import { shardChecks } from './checks/shards.ts'
import { storeChecks } from './checks/stores.ts'
import { timeChecks } from './checks/time.ts'
import { versionChecks } from './checks/version.ts'

/** Every check, in the order in which findings are shown. docs/operations/doctor.md lists the same. */
export const checks: readonly Check[] = [
  ...configurationChecks,
  ...fileChecks,
  ...connectionChecks,
  ...versionChecks,
  ...settingChecks,
  ...loggingChecks,
  ...timeChecks,
  ...accountChecks,
  ...definerChecks,
  ...replicationChecks,
  ...runChecks,
  ...shardChecks,
  ...capacityChecks,
  ...safetyChecks,
  ...storeChecks,
  ...onlineChecks,
  ...retireChecks,
]
