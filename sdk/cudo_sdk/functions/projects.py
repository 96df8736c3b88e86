"""Projects: what resources belong to, who may use them, and which billing account pays."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Literal

from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator, same
from cudo_sdk.models import Model
from cudo_sdk.request import Request, path

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession

Role = Literal["UNKNOWN", "OWNER", "VIEWER", "EDITOR"] | str


class Project(Model):
    """A project."""

    id: str | None = None
    billing_account_id: str | None = None
    resource_count: int | None = None
    create_by: str | None = None


class UserPermission(Model):
    """What a user may do with a project or a billing account; `user_picture` is an address."""

    user_id: str | None = None
    user_email: str | None = None
    user_picture: str | None = None
    permission_role: Role | None = None
    role: str | None = None


class Projects(BaseFunction[S]):
    """Projects: `session.projects`."""

    @api_iterator
    async def search_projects(self: Projects[AsyncSession]) -> AsyncGenerator[Project, None]:
        """Iterate over the projects that the credential can see, page by page.

        API: ListProjects
        Raises: Unauthenticated.
        """
        request = Request("ListProjects", "GET", path("/v1/projects"))
        async for project in self._pages(request, Project, "projects", "token"):
            yield project

    @api_function
    async def list_projects(self: Projects[AsyncSession]) -> list[Project]:
        """All projects that the credential can see.

        API: ListProjects
        Raises: Unauthenticated.
        """
        return [project async for project in self.search_projects()]

    @api_function
    async def get_project(self: Projects[AsyncSession], project_id: str) -> Project:
        """One project.

        API: GetProject
        Raises: NotFound.
        """
        return await self._model(Request("GetProject", "GET", path("/v1/projects/{}", project_id)), Project)

    @api_function
    async def create_project(
        self: Projects[AsyncSession], project_id: str, billing_account_id: str
    ) -> Project:
        """Create a project. Its id is unique over the whole platform, not only for the user.

        If the answer is lost, the project is looked up by its id, and the request is never sent twice.

        API: CreateProject
        Raises: AlreadyExists, also if somebody else has that id; InvalidArgument; NotFound for the account.
        """
        body = {"id": project_id, "billingAccountId": billing_account_id}
        request = Request("CreateProject", "POST", path("/v1/projects"), body=body)

        def is_same(project: Project) -> bool:
            return same(project, billing_account_id=billing_account_id)

        return await self._create(request, Project, lambda: self.get_project(project_id), is_same)

    @api_function
    async def update_project(
        self: Projects[AsyncSession], project_id: str, billing_account_id: str
    ) -> Project:
        """Let another billing account pay for a project.

        API: UpdateProject
        Raises: NotFound; PermissionDenied.
        """
        body = {"billingAccountId": billing_account_id}
        request = Request("UpdateProject", "PATCH", path("/v1/projects/{}", project_id), body=body)
        return await self._model(request, Project)

    @api_function
    async def delete_project(self: Projects[AsyncSession], project_id: str) -> None:
        """Delete an empty project.

        API: DeleteProject
        Raises: NotFound; FailedPrecondition if it has resources.
        """
        await self._transport.send(Request("DeleteProject", "DELETE", path("/v1/projects/{}", project_id)))

    @api_iterator
    async def search_project_permissions(
        self: Projects[AsyncSession], project_id: str
    ) -> AsyncGenerator[UserPermission, None]:
        """Iterate over who may do what with a project.

        API: GetProjectPermissions
        Raises: NotFound.
        """
        where = path("/v1/projects/{}:list-permissions", project_id)
        request = Request("GetProjectPermissions", "GET", where)
        async for permission in self._each(request, UserPermission, "permissions"):
            yield permission

    @api_function
    async def list_project_permissions(self: Projects[AsyncSession], project_id: str) -> list[UserPermission]:
        """Who may do what with a project.

        API: GetProjectPermissions
        Raises: NotFound.
        """
        return [permission async for permission in self.search_project_permissions(project_id)]

    @api_function
    async def add_project_permission(
        self: Projects[AsyncSession],
        project_id: str,
        permission_role: Role,
        *,
        user_email: str | None = None,
        user_id: str | None = None,
    ) -> None:
        """Let a user, named by `user_email` or `user_id`, do what a role may do with a project.

        API: AddProjectPermission
        Raises: NotFound, also if there is no such user; InvalidArgument if neither is given.
        """
        body = {"permissionRole": permission_role, "userEmail": user_email, "userId": user_id}
        where = path("/v1/projects/{}:add-permission", project_id)
        await self._transport.send(Request("AddProjectPermission", "POST", where, body=body))

    @api_function
    async def remove_project_permission(
        self: Projects[AsyncSession],
        project_id: str,
        permission_role: Role,
        *,
        user_email: str | None = None,
        user_id: str | None = None,
    ) -> None:
        """Take a role in a project from a user, named by `user_email` or `user_id`.

        API: RemoveProjectPermission
        Raises: NotFound, also if the user has no such role; FailedPrecondition for the last owner.
        """
        body = {"permissionRole": permission_role, "userEmail": user_email, "userId": user_id}
        where = path("/v1/projects/{}:remove-permission", project_id)
        await self._transport.send(
            Request("RemoveProjectPermission", "POST", where, body=body, repeat="delete")
        )
