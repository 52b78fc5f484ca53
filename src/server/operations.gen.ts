// Generated from src/*/operations by `npm run generate`; a test holds them together.
import type { z } from 'zod';
import type { AnyOperation } from '../operation/operation.ts';
import { accessRoleCreate } from '../access/operations/access-role.create.ts';
import { accessRoleList } from '../access/operations/access-role.list.ts';
import { accessRoleRetire } from '../access/operations/access-role.retire.ts';
import { accessRoleUpdate } from '../access/operations/access-role.update.ts';
import { accessRuleCreate } from '../access/operations/access-rule.create.ts';
import { accessRuleEnd } from '../access/operations/access-rule.end.ts';
import { accessRuleList } from '../access/operations/access-rule.list.ts';
import { accessRulePause } from '../access/operations/access-rule.pause.ts';
import { accessRuleRead } from '../access/operations/access-rule.read.ts';
import { accessRuleResume } from '../access/operations/access-rule.resume.ts';
import { accessRuleTry } from '../access/operations/access-rule.try.ts';
import { accessRuleUpdate } from '../access/operations/access-rule.update.ts';
import { accessMine } from '../access/operations/access.mine.ts';
import { accessOf } from '../access/operations/access.of.ts';
import { accountAsk } from '../requests/operations/account.ask.ts';
import { accountIgnore } from '../provisioning/operations/account.ignore.ts';
import { accountList } from '../provisioning/operations/account.list.ts';
import { accountOf } from '../provisioning/operations/account.of.ts';
import { accountRead } from '../provisioning/operations/account.read.ts';
import { accountRetry } from '../provisioning/operations/account.retry.ts';
import { accountRetryAll } from '../provisioning/operations/account.retry-all.ts';
import { actingOnMe } from '../delegation/operations/acting.on-me.ts';
import { adminRoleCreate } from '../delegation/operations/admin-role.create.ts';
import { adminRoleList } from '../delegation/operations/admin-role.list.ts';
import { adminRoleRetire } from '../delegation/operations/admin-role.retire.ts';
import { adminRoleUpdate } from '../delegation/operations/admin-role.update.ts';
import { applicationAddRole } from '../access/operations/application.add-role.ts';
import { applicationList } from '../access/operations/application.list.ts';
import { applicationRead } from '../access/operations/application.read.ts';
import { applicationRegister } from '../access/operations/application.register.ts';
import { applicationRetire } from '../access/operations/application.retire.ts';
import { applicationUpdate } from '../access/operations/application.update.ts';
import { approvalPolicyCreate } from '../requests/operations/approval-policy.create.ts';
import { approvalPolicyList } from '../requests/operations/approval-policy.list.ts';
import { approvalPolicyRetire } from '../requests/operations/approval-policy.retire.ts';
import { approvalPolicyTry } from '../requests/operations/approval-policy.try.ts';
import { approvalPolicyUpdate } from '../requests/operations/approval-policy.update.ts';
import { arrangementList } from '../enrolment/operations/arrangement.list.ts';
import { arrangementLoad } from '../enrolment/operations/arrangement.load.ts';
import { assignmentEnd } from '../access/operations/assignment.end.ts';
import { assignmentEndMany } from '../access/operations/assignment.end-many.ts';
import { assignmentGrant } from '../access/operations/assignment.grant.ts';
import { assignmentList } from '../access/operations/assignment.list.ts';
import { assignmentUndo } from '../access/operations/assignment.undo.ts';
import { attentionList } from '../delegation/operations/attention.list.ts';
import { attributeDefine } from '../directory/operations/attribute.define.ts';
import { attributeList } from '../directory/operations/attribute.list.ts';
import { attributeRemove } from '../directory/operations/attribute.remove.ts';
import { calendarRead } from '../requests/operations/calendar.read.ts';
import { calendarUpdate } from '../requests/operations/calendar.update.ts';
import { changePreview } from '../delegation/operations/change.preview.ts';
import { clientCreate } from '../delegation/operations/client.create.ts';
import { clientEnd } from '../delegation/operations/client.end.ts';
import { clientList } from '../delegation/operations/client.list.ts';
import { clientRotate } from '../delegation/operations/client.rotate.ts';
import { codeRedeem } from '../signin/operations/code.redeem.ts';
import { connectorList } from '../provisioning/operations/connector.list.ts';
import { credentialRecover } from '../signin/operations/credential.recover.ts';
import { credentialReset } from '../signin/operations/credential.reset.ts';
import { decisionAt } from '../delegation/operations/decision.at.ts';
import { decisionDescribe } from '../delegation/operations/decision.describe.ts';
import { decisionEvaluate } from '../delegation/operations/decision.evaluate.ts';
import { decisionEvaluateMany } from '../delegation/operations/decision.evaluate-many.ts';
import { decisionExplain } from '../delegation/operations/decision.explain.ts';
import { decisionSearchActions } from '../delegation/operations/decision.search-actions.ts';
import { decisionSearchResources } from '../delegation/operations/decision.search-resources.ts';
import { decisionSearchSubjects } from '../delegation/operations/decision.search-subjects.ts';
import { delegationAsk } from '../requests/operations/delegation.ask.ts';
import { delegationCreate } from '../delegation/operations/delegation.create.ts';
import { delegationEnd } from '../delegation/operations/delegation.end.ts';
import { delegationHandOver } from '../delegation/operations/delegation.hand-over.ts';
import { delegationList } from '../delegation/operations/delegation.list.ts';
import { delegationMine } from '../delegation/operations/delegation.mine.ts';
import { delegationNarrow } from '../delegation/operations/delegation.narrow.ts';
import { delegationPause } from '../delegation/operations/delegation.pause.ts';
import { delegationPreview } from '../delegation/operations/delegation.preview.ts';
import { delegationRead } from '../delegation/operations/delegation.read.ts';
import { delegationReceipt } from '../delegation/operations/delegation.receipt.ts';
import { delegationResign } from '../delegation/operations/delegation.resign.ts';
import { delegationResume } from '../delegation/operations/delegation.resume.ts';
import { delegationTakeBack } from '../delegation/operations/delegation.take-back.ts';
import { delegationTakeBackPreview } from '../delegation/operations/delegation.take-back-preview.ts';
import { delegationVacant } from '../delegation/operations/delegation.vacant.ts';
import { deputyCreate } from '../requests/operations/deputy.create.ts';
import { deputyEnd } from '../requests/operations/deputy.end.ts';
import { deputyList } from '../requests/operations/deputy.list.ts';
import { differenceList } from '../provisioning/operations/difference.list.ts';
import { differenceLook } from '../provisioning/operations/difference.look.ts';
import { differenceSettle } from '../provisioning/operations/difference.settle.ts';
import { differenceSettleAll } from '../provisioning/operations/difference.settle-all.ts';
import { endingAsk } from '../requests/operations/ending.ask.ts';
import { endingList } from '../delegation/operations/ending.list.ts';
import { entitlementGrantable } from '../access/operations/entitlement.grantable.ts';
import { entitlementRetire } from '../access/operations/entitlement.retire.ts';
import { entitlementUpdate } from '../access/operations/entitlement.update.ts';
import { eventExport } from '../audit/operations/event.export.ts';
import { eventExportJson } from '../audit/operations/event.export-json.ts';
import { eventList } from '../audit/operations/event.list.ts';
import { eventMine } from '../audit/operations/event.mine.ts';
import { eventRead } from '../audit/operations/event.read.ts';
import { exceptionCreate } from '../delegation/operations/exception.create.ts';
import { exceptionLift } from '../delegation/operations/exception.lift.ts';
import { exceptionList } from '../delegation/operations/exception.list.ts';
import { extensionAsk } from '../requests/operations/extension.ask.ts';
import { groupAddMembers } from '../directory/operations/group.add-members.ts';
import { groupCreate } from '../directory/operations/group.create.ts';
import { groupEnd } from '../directory/operations/group.end.ts';
import { groupList } from '../directory/operations/group.list.ts';
import { groupRead } from '../directory/operations/group.read.ts';
import { groupRemoveMembers } from '../directory/operations/group.remove-members.ts';
import { groupUpdate } from '../directory/operations/group.update.ts';
import { homeRead } from '../notices/operations/home.read.ts';
import { importMappingCreate } from '../enrolment/operations/import-mapping.create.ts';
import { importMappingList } from '../enrolment/operations/import-mapping.list.ts';
import { importMappingRetire } from '../enrolment/operations/import-mapping.retire.ts';
import { importMappingUpdate } from '../enrolment/operations/import-mapping.update.ts';
import { importApply } from '../enrolment/operations/import.apply.ts';
import { importPlan } from '../enrolment/operations/import.plan.ts';
import { importRead } from '../enrolment/operations/import.read.ts';
import { initialPasswordList } from '../provisioning/operations/initial-password.list.ts';
import { initialPasswordTake } from '../provisioning/operations/initial-password.take.ts';
import { invitationAccept } from '../enrolment/operations/invitation.accept.ts';
import { invitationAskAgain } from '../enrolment/operations/invitation.ask-again.ts';
import { invitationCheck } from '../enrolment/operations/invitation.check.ts';
import { invitationCreate } from '../enrolment/operations/invitation.create.ts';
import { invitationList } from '../enrolment/operations/invitation.list.ts';
import { invitationLookUp } from '../enrolment/operations/invitation.look-up.ts';
import { invitationRead } from '../enrolment/operations/invitation.read.ts';
import { invitationReaddress } from '../enrolment/operations/invitation.readdress.ts';
import { invitationResend } from '../enrolment/operations/invitation.resend.ts';
import { invitationRevoke } from '../enrolment/operations/invitation.revoke.ts';
import { lastDayNoticeRead } from '../lifecycle/operations/last-day-notice.read.ts';
import { lastDayNoticeUpdate } from '../lifecycle/operations/last-day-notice.update.ts';
import { lastDayAsk } from '../requests/operations/last-day.ask.ts';
import { mapRead } from '../delegation/operations/map.read.ts';
import { mappingTry } from '../provisioning/operations/mapping.try.ts';
import { meRead } from '../signin/operations/me.read.ts';
import { meUpdate } from '../signin/operations/me.update.ts';
import { membershipDelegations } from '../delegation/operations/membership.delegations.ts';
import { membershipEnd } from '../lifecycle/operations/membership.end.ts';
import { membershipEndPreview } from '../lifecycle/operations/membership.end-preview.ts';
import { membershipExtend } from '../lifecycle/operations/membership.extend.ts';
import { membershipInvite } from '../enrolment/operations/membership.invite.ts';
import { membershipLeftBehind } from '../lifecycle/operations/membership.left-behind.ts';
import { membershipMove } from '../lifecycle/operations/membership.move.ts';
import { membershipNameSuccessor } from '../lifecycle/operations/membership.name-successor.ts';
import { membershipRead } from '../directory/operations/membership.read.ts';
import { membershipResume } from '../directory/operations/membership.resume.ts';
import { membershipSuspend } from '../directory/operations/membership.suspend.ts';
import { membershipUpdate } from '../directory/operations/membership.update.ts';
import { noticePreferencesRead } from '../notices/operations/notice-preferences.read.ts';
import { noticePreferencesUpdate } from '../notices/operations/notice-preferences.update.ts';
import { organizationAsk } from '../requests/operations/organization.ask.ts';
import { organizationClose } from '../directory/operations/organization.close.ts';
import { organizationCreate } from '../directory/operations/organization.create.ts';
import { organizationExport } from '../enrolment/operations/organization.export.ts';
import { organizationList } from '../directory/operations/organization.list.ts';
import { organizationMerge } from '../delegation/operations/organization.merge.ts';
import { organizationMove } from '../delegation/operations/organization.move.ts';
import { organizationMovePreview } from '../delegation/operations/organization.move-preview.ts';
import { organizationRead } from '../directory/operations/organization.read.ts';
import { organizationResume } from '../directory/operations/organization.resume.ts';
import { organizationSuspend } from '../directory/operations/organization.suspend.ts';
import { organizationUpdate } from '../directory/operations/organization.update.ts';
import { partnerOnboard } from '../enrolment/operations/partner.onboard.ts';
import { passwordChange } from '../signin/operations/password.change.ts';
import { peopleImportApply } from '../enrolment/operations/people-import.apply.ts';
import { peopleImportCancel } from '../enrolment/operations/people-import.cancel.ts';
import { peopleImportCheck } from '../enrolment/operations/people-import.check.ts';
import { peopleImportCreate } from '../enrolment/operations/people-import.create.ts';
import { peopleImportDiffer } from '../enrolment/operations/people-import.differ.ts';
import { peopleImportErrors } from '../enrolment/operations/people-import.errors.ts';
import { peopleImportPutPart } from '../enrolment/operations/people-import.put-part.ts';
import { peopleImportRead } from '../enrolment/operations/people-import.read.ts';
import { proposalList } from '../enrolment/operations/proposal.list.ts';
import { proposalSettle } from '../enrolment/operations/proposal.settle.ts';
import { recoveryComplete } from '../signin/operations/recovery.complete.ts';
import { recoveryStart } from '../signin/operations/recovery.start.ts';
import { registrationConfirm } from '../requests/operations/registration.confirm.ts';
import { registrationPage } from '../requests/operations/registration.page.ts';
import { registrationRead } from '../requests/operations/registration.read.ts';
import { registrationStart } from '../requests/operations/registration.start.ts';
import { registrationUpdate } from '../requests/operations/registration.update.ts';
import { reportList } from '../requests/operations/report.list.ts';
import { reportRead } from '../requests/operations/report.read.ts';
import { requestAnswer } from '../requests/operations/request.answer.ts';
import { requestAttach } from '../requests/operations/request.attach.ts';
import { requestCatalogue } from '../requests/operations/request.catalogue.ts';
import { requestComment } from '../requests/operations/request.comment.ts';
import { requestCreate } from '../requests/operations/request.create.ts';
import { requestCreateMany } from '../requests/operations/request.create-many.ts';
import { requestDecide } from '../requests/operations/request.decide.ts';
import { requestDecideMany } from '../requests/operations/request.decide-many.ts';
import { requestKinds } from '../requests/operations/request.kinds.ts';
import { requestList } from '../requests/operations/request.list.ts';
import { requestPassOn } from '../requests/operations/request.pass-on.ts';
import { requestQuestion } from '../requests/operations/request.question.ts';
import { requestRead } from '../requests/operations/request.read.ts';
import { requestReadAttachment } from '../requests/operations/request.read-attachment.ts';
import { requestUndo } from '../requests/operations/request.undo.ts';
import { requestWithdraw } from '../requests/operations/request.withdraw.ts';
import { scimConfigRead } from '../enrolment/operations/scim-config.read.ts';
import { scimConnectionRead } from '../enrolment/operations/scim-connection.read.ts';
import { scimGroupCreate } from '../enrolment/operations/scim-group.create.ts';
import { scimGroupEnd } from '../enrolment/operations/scim-group.end.ts';
import { scimGroupList } from '../enrolment/operations/scim-group.list.ts';
import { scimGroupRead } from '../enrolment/operations/scim-group.read.ts';
import { scimGroupReplace } from '../enrolment/operations/scim-group.replace.ts';
import { scimGroupSearch } from '../enrolment/operations/scim-group.search.ts';
import { scimGroupUpdate } from '../enrolment/operations/scim-group.update.ts';
import { scimSchemaList } from '../enrolment/operations/scim-schema.list.ts';
import { scimSchemaRead } from '../enrolment/operations/scim-schema.read.ts';
import { scimTypeList } from '../enrolment/operations/scim-type.list.ts';
import { scimTypeRead } from '../enrolment/operations/scim-type.read.ts';
import { scimUserCreate } from '../enrolment/operations/scim-user.create.ts';
import { scimUserEnd } from '../enrolment/operations/scim-user.end.ts';
import { scimUserList } from '../enrolment/operations/scim-user.list.ts';
import { scimUserRead } from '../enrolment/operations/scim-user.read.ts';
import { scimUserReplace } from '../enrolment/operations/scim-user.replace.ts';
import { scimUserSearch } from '../enrolment/operations/scim-user.search.ts';
import { scimUserUpdate } from '../enrolment/operations/scim-user.update.ts';
import { scimBulk } from '../enrolment/operations/scim.bulk.ts';
import { separationCreate } from '../access/operations/separation.create.ts';
import { separationExcept } from '../access/operations/separation.except.ts';
import { separationLift } from '../access/operations/separation.lift.ts';
import { separationList } from '../access/operations/separation.list.ts';
import { separationListConflicts } from '../access/operations/separation.list-conflicts.ts';
import { separationListExceptions } from '../access/operations/separation.list-exceptions.ts';
import { separationRetire } from '../access/operations/separation.retire.ts';
import { separationUpdate } from '../access/operations/separation.update.ts';
import { sessionCreate } from '../signin/operations/session.create.ts';
import { sessionEnd } from '../signin/operations/session.end.ts';
import { sessionEndOne } from '../signin/operations/session.end-one.ts';
import { sessionEndOthers } from '../signin/operations/session.end-others.ts';
import { sessionList } from '../signin/operations/session.list.ts';
import { sessionRead } from '../signin/operations/session.read.ts';
import { sessionSwitch } from '../signin/operations/session.switch.ts';
import { setupComplete } from '../signin/operations/setup.complete.ts';
import { sourceRunList } from '../enrolment/operations/source-run.list.ts';
import { sourceRunRead } from '../enrolment/operations/source-run.read.ts';
import { sourceActivate } from '../enrolment/operations/source.activate.ts';
import { sourceAgree } from '../enrolment/operations/source.agree.ts';
import { sourceCreate } from '../enrolment/operations/source.create.ts';
import { sourceList } from '../enrolment/operations/source.list.ts';
import { sourcePause } from '../enrolment/operations/source.pause.ts';
import { sourceRead } from '../enrolment/operations/source.read.ts';
import { sourceReadNow } from '../enrolment/operations/source.read-now.ts';
import { sourceRetire } from '../enrolment/operations/source.retire.ts';
import { sourceTry } from '../enrolment/operations/source.try.ts';
import { sourceTryNew } from '../enrolment/operations/source.try-new.ts';
import { sourceUpdate } from '../enrolment/operations/source.update.ts';
import { targetActivate } from '../provisioning/operations/target.activate.ts';
import { targetCreate } from '../provisioning/operations/target.create.ts';
import { targetList } from '../provisioning/operations/target.list.ts';
import { targetPause } from '../provisioning/operations/target.pause.ts';
import { targetRead } from '../provisioning/operations/target.read.ts';
import { targetReconcile } from '../provisioning/operations/target.reconcile.ts';
import { targetRelease } from '../provisioning/operations/target.release.ts';
import { targetRetire } from '../provisioning/operations/target.retire.ts';
import { targetShowHeld } from '../provisioning/operations/target.show-held.ts';
import { targetTry } from '../provisioning/operations/target.try.ts';
import { targetUpdate } from '../provisioning/operations/target.update.ts';
import { taskDone } from '../provisioning/operations/task.done.ts';
import { taskList } from '../provisioning/operations/task.list.ts';
import { taskRead } from '../provisioning/operations/task.read.ts';
import { taskRefuse } from '../provisioning/operations/task.refuse.ts';
import { userCount } from '../directory/operations/user.count.ts';
import { userEnrol } from '../enrolment/operations/user.enrol.ts';
import { userExport } from '../directory/operations/user.export.ts';
import { userList } from '../directory/operations/user.list.ts';
import { userSeeAs } from '../delegation/operations/user.see-as.ts';
import { webhookDeliveryList } from '../notices/operations/webhook-delivery.list.ts';
import { webhookDeliveryReplay } from '../notices/operations/webhook-delivery.replay.ts';
import { webhookCreate } from '../notices/operations/webhook.create.ts';
import { webhookList } from '../notices/operations/webhook.list.ts';
import { webhookRead } from '../notices/operations/webhook.read.ts';
import { webhookRetire } from '../notices/operations/webhook.retire.ts';
import { webhookRotate } from '../notices/operations/webhook.rotate.ts';
import { webhookSendTest } from '../notices/operations/webhook.send-test.ts';
import { webhookUpdate } from '../notices/operations/webhook.update.ts';

/** Every operation, by its name. */
export const operations = {
  'access-role.create': accessRoleCreate,
  'access-role.list': accessRoleList,
  'access-role.retire': accessRoleRetire,
  'access-role.update': accessRoleUpdate,
  'access-rule.create': accessRuleCreate,
  'access-rule.end': accessRuleEnd,
  'access-rule.list': accessRuleList,
  'access-rule.pause': accessRulePause,
  'access-rule.read': accessRuleRead,
  'access-rule.resume': accessRuleResume,
  'access-rule.try': accessRuleTry,
  'access-rule.update': accessRuleUpdate,
  'access.mine': accessMine,
  'access.of': accessOf,
  'account.ask': accountAsk,
  'account.ignore': accountIgnore,
  'account.list': accountList,
  'account.of': accountOf,
  'account.read': accountRead,
  'account.retry': accountRetry,
  'account.retry-all': accountRetryAll,
  'acting.on-me': actingOnMe,
  'admin-role.create': adminRoleCreate,
  'admin-role.list': adminRoleList,
  'admin-role.retire': adminRoleRetire,
  'admin-role.update': adminRoleUpdate,
  'application.add-role': applicationAddRole,
  'application.list': applicationList,
  'application.read': applicationRead,
  'application.register': applicationRegister,
  'application.retire': applicationRetire,
  'application.update': applicationUpdate,
  'approval-policy.create': approvalPolicyCreate,
  'approval-policy.list': approvalPolicyList,
  'approval-policy.retire': approvalPolicyRetire,
  'approval-policy.try': approvalPolicyTry,
  'approval-policy.update': approvalPolicyUpdate,
  'arrangement.list': arrangementList,
  'arrangement.load': arrangementLoad,
  'assignment.end': assignmentEnd,
  'assignment.end-many': assignmentEndMany,
  'assignment.grant': assignmentGrant,
  'assignment.list': assignmentList,
  'assignment.undo': assignmentUndo,
  'attention.list': attentionList,
  'attribute.define': attributeDefine,
  'attribute.list': attributeList,
  'attribute.remove': attributeRemove,
  'calendar.read': calendarRead,
  'calendar.update': calendarUpdate,
  'change.preview': changePreview,
  'client.create': clientCreate,
  'client.end': clientEnd,
  'client.list': clientList,
  'client.rotate': clientRotate,
  'code.redeem': codeRedeem,
  'connector.list': connectorList,
  'credential.recover': credentialRecover,
  'credential.reset': credentialReset,
  'decision.at': decisionAt,
  'decision.describe': decisionDescribe,
  'decision.evaluate': decisionEvaluate,
  'decision.evaluate-many': decisionEvaluateMany,
  'decision.explain': decisionExplain,
  'decision.search-actions': decisionSearchActions,
  'decision.search-resources': decisionSearchResources,
  'decision.search-subjects': decisionSearchSubjects,
  'delegation.ask': delegationAsk,
  'delegation.create': delegationCreate,
  'delegation.end': delegationEnd,
  'delegation.hand-over': delegationHandOver,
  'delegation.list': delegationList,
  'delegation.mine': delegationMine,
  'delegation.narrow': delegationNarrow,
  'delegation.pause': delegationPause,
  'delegation.preview': delegationPreview,
  'delegation.read': delegationRead,
  'delegation.receipt': delegationReceipt,
  'delegation.resign': delegationResign,
  'delegation.resume': delegationResume,
  'delegation.take-back': delegationTakeBack,
  'delegation.take-back-preview': delegationTakeBackPreview,
  'delegation.vacant': delegationVacant,
  'deputy.create': deputyCreate,
  'deputy.end': deputyEnd,
  'deputy.list': deputyList,
  'difference.list': differenceList,
  'difference.look': differenceLook,
  'difference.settle': differenceSettle,
  'difference.settle-all': differenceSettleAll,
  'ending.ask': endingAsk,
  'ending.list': endingList,
  'entitlement.grantable': entitlementGrantable,
  'entitlement.retire': entitlementRetire,
  'entitlement.update': entitlementUpdate,
  'event.export': eventExport,
  'event.export-json': eventExportJson,
  'event.list': eventList,
  'event.mine': eventMine,
  'event.read': eventRead,
  'exception.create': exceptionCreate,
  'exception.lift': exceptionLift,
  'exception.list': exceptionList,
  'extension.ask': extensionAsk,
  'group.add-members': groupAddMembers,
  'group.create': groupCreate,
  'group.end': groupEnd,
  'group.list': groupList,
  'group.read': groupRead,
  'group.remove-members': groupRemoveMembers,
  'group.update': groupUpdate,
  'home.read': homeRead,
  'import-mapping.create': importMappingCreate,
  'import-mapping.list': importMappingList,
  'import-mapping.retire': importMappingRetire,
  'import-mapping.update': importMappingUpdate,
  'import.apply': importApply,
  'import.plan': importPlan,
  'import.read': importRead,
  'initial-password.list': initialPasswordList,
  'initial-password.take': initialPasswordTake,
  'invitation.accept': invitationAccept,
  'invitation.ask-again': invitationAskAgain,
  'invitation.check': invitationCheck,
  'invitation.create': invitationCreate,
  'invitation.list': invitationList,
  'invitation.look-up': invitationLookUp,
  'invitation.read': invitationRead,
  'invitation.readdress': invitationReaddress,
  'invitation.resend': invitationResend,
  'invitation.revoke': invitationRevoke,
  'last-day-notice.read': lastDayNoticeRead,
  'last-day-notice.update': lastDayNoticeUpdate,
  'last-day.ask': lastDayAsk,
  'map.read': mapRead,
  'mapping.try': mappingTry,
  'me.read': meRead,
  'me.update': meUpdate,
  'membership.delegations': membershipDelegations,
  'membership.end': membershipEnd,
  'membership.end-preview': membershipEndPreview,
  'membership.extend': membershipExtend,
  'membership.invite': membershipInvite,
  'membership.left-behind': membershipLeftBehind,
  'membership.move': membershipMove,
  'membership.name-successor': membershipNameSuccessor,
  'membership.read': membershipRead,
  'membership.resume': membershipResume,
  'membership.suspend': membershipSuspend,
  'membership.update': membershipUpdate,
  'notice-preferences.read': noticePreferencesRead,
  'notice-preferences.update': noticePreferencesUpdate,
  'organization.ask': organizationAsk,
  'organization.close': organizationClose,
  'organization.create': organizationCreate,
  'organization.export': organizationExport,
  'organization.list': organizationList,
  'organization.merge': organizationMerge,
  'organization.move': organizationMove,
  'organization.move-preview': organizationMovePreview,
  'organization.read': organizationRead,
  'organization.resume': organizationResume,
  'organization.suspend': organizationSuspend,
  'organization.update': organizationUpdate,
  'partner.onboard': partnerOnboard,
  'password.change': passwordChange,
  'people-import.apply': peopleImportApply,
  'people-import.cancel': peopleImportCancel,
  'people-import.check': peopleImportCheck,
  'people-import.create': peopleImportCreate,
  'people-import.differ': peopleImportDiffer,
  'people-import.errors': peopleImportErrors,
  'people-import.put-part': peopleImportPutPart,
  'people-import.read': peopleImportRead,
  'proposal.list': proposalList,
  'proposal.settle': proposalSettle,
  'recovery.complete': recoveryComplete,
  'recovery.start': recoveryStart,
  'registration.confirm': registrationConfirm,
  'registration.page': registrationPage,
  'registration.read': registrationRead,
  'registration.start': registrationStart,
  'registration.update': registrationUpdate,
  'report.list': reportList,
  'report.read': reportRead,
  'request.answer': requestAnswer,
  'request.attach': requestAttach,
  'request.catalogue': requestCatalogue,
  'request.comment': requestComment,
  'request.create': requestCreate,
  'request.create-many': requestCreateMany,
  'request.decide': requestDecide,
  'request.decide-many': requestDecideMany,
  'request.kinds': requestKinds,
  'request.list': requestList,
  'request.pass-on': requestPassOn,
  'request.question': requestQuestion,
  'request.read': requestRead,
  'request.read-attachment': requestReadAttachment,
  'request.undo': requestUndo,
  'request.withdraw': requestWithdraw,
  'scim-config.read': scimConfigRead,
  'scim-connection.read': scimConnectionRead,
  'scim-group.create': scimGroupCreate,
  'scim-group.end': scimGroupEnd,
  'scim-group.list': scimGroupList,
  'scim-group.read': scimGroupRead,
  'scim-group.replace': scimGroupReplace,
  'scim-group.search': scimGroupSearch,
  'scim-group.update': scimGroupUpdate,
  'scim-schema.list': scimSchemaList,
  'scim-schema.read': scimSchemaRead,
  'scim-type.list': scimTypeList,
  'scim-type.read': scimTypeRead,
  'scim-user.create': scimUserCreate,
  'scim-user.end': scimUserEnd,
  'scim-user.list': scimUserList,
  'scim-user.read': scimUserRead,
  'scim-user.replace': scimUserReplace,
  'scim-user.search': scimUserSearch,
  'scim-user.update': scimUserUpdate,
  'scim.bulk': scimBulk,
  'separation.create': separationCreate,
  'separation.except': separationExcept,
  'separation.lift': separationLift,
  'separation.list': separationList,
  'separation.list-conflicts': separationListConflicts,
  'separation.list-exceptions': separationListExceptions,
  'separation.retire': separationRetire,
  'separation.update': separationUpdate,
  'session.create': sessionCreate,
  'session.end': sessionEnd,
  'session.end-one': sessionEndOne,
  'session.end-others': sessionEndOthers,
  'session.list': sessionList,
  'session.read': sessionRead,
  'session.switch': sessionSwitch,
  'setup.complete': setupComplete,
  'source-run.list': sourceRunList,
  'source-run.read': sourceRunRead,
  'source.activate': sourceActivate,
  'source.agree': sourceAgree,
  'source.create': sourceCreate,
  'source.list': sourceList,
  'source.pause': sourcePause,
  'source.read': sourceRead,
  'source.read-now': sourceReadNow,
  'source.retire': sourceRetire,
  'source.try': sourceTry,
  'source.try-new': sourceTryNew,
  'source.update': sourceUpdate,
  'target.activate': targetActivate,
  'target.create': targetCreate,
  'target.list': targetList,
  'target.pause': targetPause,
  'target.read': targetRead,
  'target.reconcile': targetReconcile,
  'target.release': targetRelease,
  'target.retire': targetRetire,
  'target.show-held': targetShowHeld,
  'target.try': targetTry,
  'target.update': targetUpdate,
  'task.done': taskDone,
  'task.list': taskList,
  'task.read': taskRead,
  'task.refuse': taskRefuse,
  'user.count': userCount,
  'user.enrol': userEnrol,
  'user.export': userExport,
  'user.list': userList,
  'user.see-as': userSeeAs,
  'webhook-delivery.list': webhookDeliveryList,
  'webhook-delivery.replay': webhookDeliveryReplay,
  'webhook.create': webhookCreate,
  'webhook.list': webhookList,
  'webhook.read': webhookRead,
  'webhook.retire': webhookRetire,
  'webhook.rotate': webhookRotate,
  'webhook.send-test': webhookSendTest,
  'webhook.update': webhookUpdate,
} as const;

export type OperationName = keyof typeof operations;
/** What a caller sends. */
export type Input<N extends OperationName> = z.input<(typeof operations)[N]['input']>;
/** What a caller gets, as JSON: instants are texts. */
export type Output<N extends OperationName> = z.output<(typeof operations)[N]['output']>;
export const operationNames = Object.keys(operations) as OperationName[];
export const operationList: readonly AnyOperation[] = Object.values(operations);
