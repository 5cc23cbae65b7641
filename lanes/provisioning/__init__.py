"""One YAML file is a store (contract §1)."""

from lanes.provisioning.plan import ProvisioningRefused
from lanes.provisioning.service import Provisioned, provision

__all__ = ["Provisioned", "ProvisioningRefused", "provision"]
