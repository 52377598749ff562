import type { DomainSummary } from '@vireo/app-main/contract'
import { createStore } from 'zustand/vanilla'

/** The machine whose deletion is being asked about. */
export const deleteQuestion = createStore<{ domain: DomainSummary | null }>(() => ({ domain: null }))

/** Opens the dialog that shows what would be removed; nothing is removed before a person has chosen. */
export const askDelete = (domain: DomainSummary): void => deleteQuestion.setState({ domain })
