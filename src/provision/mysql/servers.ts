import type { ProvisionServers } from '../ports.ts'
import { openRegistry } from './registry.ts'
import { openResetter } from './resetter.ts'
import { openStage } from './stage.ts'

/** The MySQL servers that sets of databases are made on. */
export const provisionServers: ProvisionServers = { openRegistry, openStage, openResetter }
