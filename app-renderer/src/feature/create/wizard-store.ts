/** What is filled in outlives the dialog: closed and opened again, it is all there. */
import { create } from 'zustand'
import { emptyWizard, reduce, type Wizard, type WizardAction } from './wizard.ts'

export const useWizard = create<Wizard>(() => emptyWizard)

export const dispatch = (action: WizardAction): void => useWizard.setState(before => reduce(before, action), true)
