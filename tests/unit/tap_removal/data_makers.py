"""Makes what holds data: each returns the ARN."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.unit.tap_removal.maker import ACCOUNT, Maker


def subnet_group(make: Maker) -> str:
    vpc = make.vpc()
    made = make.rds.create_db_subnet_group(
        DBSubnetGroupName=f"payment-{make.name}",
        DBSubnetGroupDescription="For a test",
        SubnetIds=[make.subnet(vpc), make.subnet(vpc, "10.0.2.0/24", "b")],
        Tags=make.pairs,
    )
    return str(made["DBSubnetGroup"]["DBSubnetGroupArn"])


def proxy(make: Maker) -> str:
    vpc = make.vpc()
    made = make.rds.create_db_proxy(
        DBProxyName=f"payment-{make.name}",
        EngineFamily="MYSQL",
        Auth=[{"AuthScheme": "SECRETS", "IAMAuth": "REQUIRED"}],
        RoleArn=make.role(),
        VpcSubnetIds=[make.subnet(vpc), make.subnet(vpc, "10.0.2.0/24", "b")],
        Tags=make.pairs,
    )
    return str(made["DBProxy"]["DBProxyArn"])


def instance(make: Maker) -> str:
    made = make.rds.create_db_instance(
        DBInstanceIdentifier=f"payment-{make.name}",
        DBClusterIdentifier=make.cluster().rpartition(":")[2],
        DBInstanceClass="db.r5.large",
        Engine="aurora-mysql",
        Tags=make.pairs,
    )
    return str(made["DBInstance"]["DBInstanceArn"])


def cluster_snapshot(make: Maker) -> str:
    made = make.rds.create_db_cluster_snapshot(
        DBClusterIdentifier=make.cluster().rpartition(":")[2],
        DBClusterSnapshotIdentifier=f"by-hand-{make.name}",
        Tags=make.pairs,
    )
    return str(made["DBClusterSnapshot"]["DBClusterSnapshotArn"])


def instance_snapshot(make: Maker) -> str:
    make.rds.create_db_instance(
        DBInstanceIdentifier=f"payment-{make.name}", DBInstanceClass="db.t3.micro", Engine="mysql", AllocatedStorage=20
    )
    made = make.rds.create_db_snapshot(
        DBInstanceIdentifier=f"payment-{make.name}", DBSnapshotIdentifier=f"by-hand-{make.name}", Tags=make.pairs
    )
    return str(made["DBSnapshot"]["DBSnapshotArn"])


def parameter_group(kind: str) -> Callable[[Maker], str]:
    def make_it(make: Maker) -> str:
        name = f"DB{kind}ParameterGroup"
        operation = "create_db_cluster_parameter_group" if kind else "create_db_parameter_group"
        made = getattr(make.rds, operation)(
            **{f"{name}Name": f"payment-{make.name}"},
            DBParameterGroupFamily="aurora-mysql8.0",
            Description="For a test",
            Tags=make.pairs,
        )
        return str(made[name][f"{name}Arn"])

    return make_it


def table(make: Maker) -> str:
    made = make.dynamodb.create_table(
        TableName=f"payment-{make.name}",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=make.pairs,
    )
    return str(made["TableDescription"]["TableArn"])


def bucket(make: Maker) -> str:
    bucket = {"Bucket": f"payment-{make.name}"}
    make.s3.create_bucket(**bucket)
    make.s3.put_bucket_versioning(**bucket, VersioningConfiguration={"Status": "Enabled"})
    if make.tags:
        make.s3.put_bucket_tagging(**bucket, Tagging={"TagSet": make.pairs})
    for body in (b"one", b"two"):
        make.s3.put_object(**bucket, Key="object", Body=body)
    make.s3.delete_object(**bucket, Key="object")
    make.s3.create_multipart_upload(**bucket, Key="never-ended")
    return f"arn:aws:s3:::payment-{make.name}"


def ssm_parameter(make: Maker) -> str:
    name = f"/payment/{make.name}/database/port"
    make.ssm.put_parameter(Name=name, Value="3306", Type="String", Tags=make.pairs)
    return f"arn:aws:ssm:{make.account.region}:{ACCOUNT}:parameter{name}"


def repository(make: Maker) -> str:
    made = make.ecr.create_repository(repositoryName=f"payment/{make.name}", tags=make.pairs)
    manifest = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {}}
    make.ecr.put_image(repositoryName=f"payment/{make.name}", imageManifest=json.dumps(manifest), imageTag="one")
    return str(made["repository"]["repositoryArn"])
