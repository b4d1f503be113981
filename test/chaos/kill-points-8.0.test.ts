import { describe } from 'vitest'
import { describeKillPoints } from './support/kill-points.ts'

describe('on MySQL 8.0', () => describeKillPoints('8.0'))
