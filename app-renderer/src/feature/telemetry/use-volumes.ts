import type { DomainId } from '@vireo/app-main/contract'
import { useStore } from 'zustand'
import type { Volume } from '../../store/guest-series.ts'
import { useStores } from '../../store/hooks.ts'

const NONE: readonly Volume[] = []

/** The guest's filesystems as they were measured last; does not measure. */
export const useVolumes = (id: DomainId): readonly Volume[] =>
  useStore(useStores().telemetry.state, state => state.byId.get(id)?.now?.volumes ?? NONE)
