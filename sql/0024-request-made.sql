-- What an approved request made, so that taking the decision back finds it: an organization, a delegation, an invitation.
alter table request add column made uuid;
