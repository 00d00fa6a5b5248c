"""Types of task parameters: what may be asked for when a template is made, checked there."""

from sandbox.options.cache import Cache, CacheBehavior, CachePolicy, VersionParameters
from sandbox.options.config import STACK_DEPTH, Policy, SandboxedConfig
from sandbox.options.documentation import Documentation
from sandbox.options.env_vars import MAX_ENV_VARS_BYTES, env_vars
from sandbox.options.image import Image
from sandbox.options.link import LINK_PLACES, Link
from sandbox.options.pod import PRIMARY_CONTAINER_DEFAULT_NAME, PodTemplate
from sandbox.options.rate import RateLimit
from sandbox.options.resources import Resources
from sandbox.options.retries import Backoff, RetryStrategy
from sandbox.options.reuse import ReusePolicy
from sandbox.options.secret import Secret
from sandbox.options.timeout import Timeout
from sandbox.options.trigger import Cron, FixedRate, Trigger, TriggerTime

__all__ = [
    "LINK_PLACES",
    "MAX_ENV_VARS_BYTES",
    "PRIMARY_CONTAINER_DEFAULT_NAME",
    "STACK_DEPTH",
    "Backoff",
    "Cache",
    "CacheBehavior",
    "CachePolicy",
    "Cron",
    "Documentation",
    "FixedRate",
    "Image",
    "Link",
    "PodTemplate",
    "Policy",
    "RateLimit",
    "Resources",
    "RetryStrategy",
    "ReusePolicy",
    "SandboxedConfig",
    "Secret",
    "Timeout",
    "Trigger",
    "TriggerTime",
    "VersionParameters",
    "env_vars",
]
