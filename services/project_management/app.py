"""Project management: what shall we research together, who does it, and did they deliver?"""

from pathlib import Path
from uuid import UUID

from services.project_management.adoptions.api import api as adoptions_api
from services.project_management.adoptions.pages import pages as adoptions_pages
from services.project_management.amendments.actions import follow_closings, tell_of_changes
from services.project_management.amendments.api import api as amendments_api
from services.project_management.amendments.pages import pages as amendments_pages
from services.project_management.amendments.queries import waits_beside
from services.project_management.answers.api import api as answers_api
from services.project_management.answers.pages import pages as answers_pages
from services.project_management.appeals.api import api as appeals_api
from services.project_management.appeals.pages import pages as appeals_pages
from services.project_management.applications.api import api as applications_api
from services.project_management.applications.clock import follow_drafts, remind_to_hand_in
from services.project_management.applications.pages import pages as applications_pages
from services.project_management.applications.queries import may_read as may_read_application
from services.project_management.assignments.api import api as assignments_api
from services.project_management.assignments.clock import (
    follow_reviews,
    mark_who_may_not_review,
    withdraw_pointless_reviews,
)
from services.project_management.assignments.pages import pages as assignments_pages
from services.project_management.attachments.pages import pages as attachments_pages
from services.project_management.awards.actions import end_notices
from services.project_management.awards.api import api as awards_api
from services.project_management.awards.clock import remind_of_books
from services.project_management.awards.pages import pages as awards_pages
from services.project_management.awards.queries import beside_application, beside_call
from services.project_management.bids.actions import end_biddings, remind_bidders
from services.project_management.bids.api import api as bids_api
from services.project_management.bids.pages import pages as bids_pages
from services.project_management.bookmarks.actions import tell_of_matches, tell_of_saved
from services.project_management.bookmarks.api import api as bookmarks_api
from services.project_management.bookmarks.pages import pages as bookmarks_pages
from services.project_management.bookmarks.queries import is_saved
from services.project_management.calendars.api import api as calendars_api
from services.project_management.calendars.pages import pages as calendars_pages
from services.project_management.calls.api import api as calls_api
from services.project_management.calls.pages import pages as calls_pages
from services.project_management.changes.api import api as changes_api
from services.project_management.changes.pages import pages as changes_pages
from services.project_management.claims.api import api as claims_api
from services.project_management.claims.pages import pages as claims_pages
from services.project_management.claims.queries import may_read_claim
from services.project_management.closings.actions import (
    archive_calls,
    close_due_calls,
    follow_closed_calls,
    follow_empty_calls,
    settle_cancelled_calls,
    take_back_notices,
    take_back_requests,
)
from services.project_management.completions.actions import end_completions
from services.project_management.completions.api import api as completions_api
from services.project_management.completions.pages import pages as completions_pages
from services.project_management.consultations.api import api as consultations_api
from services.project_management.consultations.pages import pages as consultations_pages
from services.project_management.cost_plans.api import api as cost_plans_api
from services.project_management.cost_plans.pages import pages as cost_plans_pages
from services.project_management.dashboards.api import api as dashboards_api
from services.project_management.dashboards.pages import pages as dashboards_pages
from services.project_management.delivery.actions import begin_missing_agreements
from services.project_management.delivery.api import api as delivery_api
from services.project_management.delivery.pages import pages as delivery_pages
from services.project_management.delivery.queries import may_read_milestone
from services.project_management.departures.actions import follow_departures
from services.project_management.departures.api import api as departures_api
from services.project_management.departures.pages import pages as departures_pages
from services.project_management.departures.queries import beside_application as departed_beside
from services.project_management.duplicates.actions import check_new_applications, end_checks
from services.project_management.duplicates.api import api as duplicates_api
from services.project_management.duplicates.known import count_common, know_texts
from services.project_management.duplicates.pages import pages as duplicates_pages
from services.project_management.duplicates.queries import beside_ranking
from services.project_management.duplicates.reactions import hears as duplicates_hears
from services.project_management.earlier_projects.api import api as earlier_projects_api
from services.project_management.earlier_projects.pages import pages as earlier_projects_pages
from services.project_management.evaluations.api import api as evaluations_api
from services.project_management.evaluations.following import ask_follow_ups
from services.project_management.evaluations.pages import pages as evaluations_pages
from services.project_management.evaluations.queries import beside_project
from services.project_management.excuses.actions import watch_panels
from services.project_management.excuses.api import api as excuses_api
from services.project_management.excuses.pages import pages as excuses_pages
from services.project_management.forms.api import api as forms_api
from services.project_management.forms.pages import pages as forms_pages
from services.project_management.interchange.api import api as interchange_api
from services.project_management.lapses.actions import watch_milestones
from services.project_management.lapses.api import api as lapses_api
from services.project_management.lapses.pages import pages as lapses_pages
from services.project_management.late_conflicts.actions import look_at_touched, set_aside_conflicted
from services.project_management.late_reviews.actions import tell_of_late_reviews
from services.project_management.late_reviews.api import api as late_reviews_api
from services.project_management.late_reviews.pages import pages as late_reviews_pages
from services.project_management.memberships.actions import mark_addresses, settle_parts
from services.project_management.memberships.api import api as memberships_api
from services.project_management.memberships.pages import pages as memberships_pages
from services.project_management.objections.actions import tell_of_notices
from services.project_management.objections.api import api as objections_api
from services.project_management.objections.pages import pages as objections_pages
from services.project_management.organisations.reactions import hears as organisations_hears
from services.project_management.outages.actions import beat
from services.project_management.outages.api import api as outages_api
from services.project_management.outages.pages import pages as outages_pages
from services.project_management.outages.rules import BEAT_SECONDS
from services.project_management.outputs.reactions import hears as outputs_hears
from services.project_management.panels.api import api as panels_api
from services.project_management.panels.pages import pages as panels_pages
from services.project_management.people.reactions import hears as people_hears
from services.project_management.prospects.api import api as prospects_api
from services.project_management.prospects.pages import pages as prospects_pages
from services.project_management.receipts.actions import publish_key
from services.project_management.receipts.api import api as receipts_api
from services.project_management.receipts.keys import signing_key
from services.project_management.receipts.pages import pages as receipts_pages
from services.project_management.relations.api import api as relations_api
from services.project_management.relations.pages import pages as relations_pages
from services.project_management.reports.api import api as reports_api
from services.project_management.reports.clock import plan_reports, watch_reports
from services.project_management.reports.pages import pages as reports_pages
from services.project_management.reports.queries import beside_call as reporting_of_call
from services.project_management.reports.queries import beside_project as reports_of_project
from services.project_management.reports.queries import may_read_report
from services.project_management.reports.template_pages import pages as report_template_pages
from services.project_management.requirements.api import api as requirements_api
from services.project_management.requirements.pages import pages as requirements_pages
from services.project_management.requirements.queries import origins_of_call
from services.project_management.reserves.actions import offer_reserves
from services.project_management.reserves.api import api as reserves_api
from services.project_management.reserves.pages import pages as reserves_pages
from services.project_management.resubmissions.api import api as resubmissions_api
from services.project_management.resubmissions.pages import pages as resubmissions_pages
from services.project_management.reviews.actions import remind_reviewers
from services.project_management.reviews.api import api as reviews_api
from services.project_management.reviews.pages import pages as reviews_pages
from services.project_management.reviews.queries import may_read_application as may_review_application
from services.project_management.rights.actions import hand_on_tasks
from services.project_management.rights.api import api as rights_api
from services.project_management.rights.pages import pages as rights_pages
from services.project_management.risks.api import api as risks_api
from services.project_management.risks.pages import pages as risks_pages
from services.project_management.risks.queries import top_risks
from services.project_management.standing.actions import follow_entries
from services.project_management.standing.api import api as standing_api
from services.project_management.standing.pages import pages as standing_pages
from services.project_management.standing.queries import may_read_entry
from services.project_management.submissions.api import api as submissions_api
from services.project_management.submissions.pages import pages as submissions_pages
from services.project_management.submissions.workspace import consent_beside
from services.project_management.summaries.api import api as summaries_api
from services.project_management.summaries.pages import pages as summaries_pages
from services.project_management.task_books.api import api as task_books_api
from services.project_management.task_books.pages import pages as task_books_pages
from services.project_management.terminations.api import api as terminations_api
from services.project_management.terminations.pages import pages as terminations_pages
from services.project_management.terminations.queries import may_read_termination
from shared.db.work import Read
from shared.kernel.actor import Actor, system_actor
from shared.kernel.settings import Settings
from shared.service import Service, Timed
from shared.web.documents import MayRead


def either(*readers: MayRead) -> MayRead:
    """Readable for everybody whom one of the features lets read."""

    async def may(read: Read, id: UUID, actor: Actor) -> bool:
        return any([await one(read, id, actor) for one in readers])

    return may


async def make_good_an_outage(service: Service) -> None:
    """Before the first request: nobody shall meet a call as closed that the service itself kept them out of."""
    async with service.database.work(system_actor(service.name)) as work:
        await beat(work)


async def publish_receipt_key(service: Service) -> None:
    async with service.database.work(system_actor(service.name)) as work:
        await publish_key(work, signing_key(service.settings.receipt_key.get_secret_value()))


async def mark_written_addresses(service: Service) -> None:
    async with service.database.work(system_actor(service.name)) as work:
        await mark_addresses(work, service.settings.address_key.get_secret_value())


async def mark_lost_reviewers(service: Service) -> None:
    async with service.database.work(system_actor(service.name)) as work:
        await mark_who_may_not_review(work)


def build(settings: Settings) -> Service:
    return Service(
        "projects",
        settings,
        prefix="/projects",
        title="project management",
        folder=Path(__file__).parent,
        apis=[
            adoptions_api,
            consultations_api,
            requirements_api,
            amendments_api,
            outages_api,
            submissions_api,
            completions_api,
            resubmissions_api,
            prospects_api,
            receipts_api,
            duplicates_api,
            interchange_api,
            calendars_api,
            answers_api,
            cost_plans_api,
            memberships_api,
            applications_api,
            relations_api,
            forms_api,
            bookmarks_api,
            calls_api,
            earlier_projects_api,
            reviews_api,
            bids_api,
            assignments_api,
            awards_api,
            summaries_api,
            panels_api,
            departures_api,
            objections_api,
            reserves_api,
            appeals_api,
            rights_api,
            delivery_api,
            claims_api,
            changes_api,
            standing_api,
            evaluations_api,
            terminations_api,
            late_reviews_api,
            excuses_api,
            task_books_api,
            lapses_api,
            risks_api,
            dashboards_api,
            reports_api,
        ],
        pages=[
            adoptions_pages,
            consultations_pages,
            requirements_pages,
            amendments_pages,
            outages_pages,
            submissions_pages,
            completions_pages,
            resubmissions_pages,
            prospects_pages,
            receipts_pages,
            duplicates_pages,
            calendars_pages,
            answers_pages,
            cost_plans_pages,
            memberships_pages,
            applications_pages,
            attachments_pages,
            relations_pages,
            forms_pages,
            bookmarks_pages,
            calls_pages,
            earlier_projects_pages,
            reviews_pages,
            bids_pages,
            assignments_pages,
            awards_pages,
            summaries_pages,
            panels_pages,
            departures_pages,
            objections_pages,
            reserves_pages,
            appeals_pages,
            rights_pages,
            delivery_pages,
            claims_pages,
            changes_pages,
            standing_pages,
            evaluations_pages,
            terminations_pages,
            late_reviews_pages,
            excuses_pages,
            task_books_pages,
            lapses_pages,
            risks_pages,
            dashboards_pages,
            reports_pages,
            report_template_pages,
        ],
        reactions=[
            organisations_hears,
            people_hears,
            duplicates_hears,
            outputs_hears,
        ],
        timed=[
            Timed("beat", BEAT_SECONDS, beat),
            Timed("tell_of_changes", 1, tell_of_changes),
            Timed("follow_closings", 1, follow_closings),
            Timed("follow_drafts", 1, follow_drafts),
            Timed("remind_to_hand_in", 5, remind_to_hand_in),
            Timed("tell_of_saved", 5, tell_of_saved),
            Timed("tell_of_matches", 10, tell_of_matches),
            Timed("end_completions", 1, end_completions),
            Timed("take_back_notices", 1, take_back_notices),
            Timed("close_due_calls", 1, close_due_calls),
            Timed("follow_closed_calls", 1, follow_closed_calls),
            Timed("follow_empty_calls", 1, follow_empty_calls),
            Timed("take_back_requests", 1, take_back_requests),
            Timed("settle_cancelled_calls", 1, settle_cancelled_calls),
            Timed("archive_calls", 600, archive_calls),
            Timed("end_biddings", 1, end_biddings),
            Timed("remind_bidders", 60, remind_bidders),
            Timed("settle_parts", 60, settle_parts),
            Timed("follow_reviews", 1, follow_reviews),
            Timed("set_aside_conflicted", 60, set_aside_conflicted),
            Timed("look_at_touched", 5, look_at_touched),
            Timed("follow_departures", 1, follow_departures),
            Timed("end_notices", 1, end_notices),
            Timed("tell_of_notices", 1, tell_of_notices),
            Timed("offer_reserves", 1, offer_reserves),
            Timed("remind_of_books", 60, remind_of_books),
            Timed("remind_reviewers", 60, remind_reviewers),
            Timed("tell_of_late_reviews", 60, tell_of_late_reviews),
            Timed("begin_missing_agreements", 60, begin_missing_agreements),
            Timed("hand_on_tasks", 60, hand_on_tasks),
            Timed("watch_milestones", 60, watch_milestones),
            Timed("plan_reports", 60, plan_reports),
            Timed("watch_reports", 60, watch_reports),
            Timed("follow_entries", 60, follow_entries),
            Timed("ask_follow_ups", 60, ask_follow_ups),
            Timed("watch_panels", 60, watch_panels),
            Timed("withdraw_pointless_reviews", 1, withdraw_pointless_reviews),
            Timed("mark_who_may_not_review", 3600, mark_who_may_not_review),
            Timed("know_texts", 15, know_texts),
            Timed("count_common", 600, count_common),
            Timed("check_new_applications", 2, check_new_applications),
            Timed("end_checks", 60, end_checks),
        ],
        readers={
            "application": either(may_read_application, may_review_application),
            "application_answer": either(may_read_application, may_review_application),
            "application_identity": may_read_application,
            "milestone": may_read_milestone,
            "claim": may_read_claim,
            "report_answer": may_read_report,
            "standing": may_read_entry,
            "termination": may_read_termination,
        },
        beside={
            "call": origins_of_call,
            "notice": beside_call,
            "shown": beside_application,
            "departed": departed_beside,
            "consented": consent_beside,
            "amendment": waits_beside,
            "ranking": beside_ranking,
            "project": beside_project,
            "risks": top_risks,
            "reports": reports_of_project,
            "reporting": reporting_of_call,
            "saved": is_saved,
        },
        on_start=[make_good_an_outage, publish_receipt_key, mark_written_addresses, mark_lost_reviewers],
    )
