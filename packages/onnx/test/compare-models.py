"""Says whether pairs of ONNX models mean the same: python compare-models.py LIST, lines of ORIGINAL <tab> WRITTEN.

Two models mean the same when their protobuf messages are equal after each field that holds its default is cleared,
and each tensor's elements are moved to raw_data. The written model must also pass onnx.checker where the original does.
"""

import sys

import onnx
from google.protobuf.descriptor import FieldDescriptor
from onnx import numpy_helper


def normalise(message):
    if isinstance(message, onnx.TensorProto):
        normalise_tensor(message)
    for field, value in list(message.ListFields()):
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for item in value if field.is_repeated else [value]:
                normalise(item)
        elif not field.is_repeated and value == field.default_value and field.containing_oneof is None:
            if not (isinstance(message, onnx.AttributeProto) and field.name in "fis"):
                message.ClearField(field.name)
    if isinstance(message, onnx.AttributeProto) and not message.type:
        infer_type(message)


def infer_type(attribute):
    for field, kind in (("f", 1), ("i", 2), ("s", 3), ("t", 4), ("g", 5)):
        if attribute.HasField(field):
            attribute.type = kind
    for field, kind in (("floats", 6), ("ints", 7), ("strings", 8), ("tensors", 9), ("graphs", 10)):
        if len(getattr(attribute, field)):
            attribute.type = kind


def normalise_tensor(tensor):
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.data_type == onnx.TensorProto.STRING:
        return
    if not tensor.HasField("raw_data"):
        raw = numpy_helper.from_array(numpy_helper.to_array(tensor)).raw_data
        for field in ("float_data", "int32_data", "int64_data", "double_data", "uint64_data"):
            tensor.ClearField(field)
        tensor.raw_data = raw


def valid(model):
    try:
        onnx.checker.check_model(model)
        return True
    except onnx.checker.ValidationError:
        return False


def main():
    different = invalid = 0
    pairs = [line.rstrip("\n").split("\t") for line in open(sys.argv[1]) if line.strip()]
    for original_path, written_path in pairs:
        original = onnx.load(original_path, load_external_data=False)
        written = onnx.load(written_path, load_external_data=False)
        if valid(original) and not valid(written):
            print("no longer valid:", original_path)
            invalid += 1
        normalise(original)
        normalise(written)
        if original != written:
            print("differs:", original_path)
            different += 1
    print(f"{len(pairs)} models, {different} differ, {invalid} no longer valid")
    sys.exit(1 if different or invalid or not pairs else 0)


main()
